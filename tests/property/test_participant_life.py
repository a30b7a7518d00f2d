"""The life of a participant as a state machine: whatever is tried in whatever order, the table and the document stay in agreement."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.participants import AUTHORISATION, BANK, BANK_CODE, OPERATOR, REGULATOR, Registry, address_of, report

from ledger.domain.participant import ChainKey, participant_from_json, participant_to_json
from ledger.domain.participant_life import IN_MEMBERSHIP, LIFE
from ledger.errors import ConflictError, IllegalTransitionError
from ledger.services import participant_steps, participants

MEMBERS = frozenset({"active", "suspended"})
CHAIN_STATES = {"suspend": "suspended", "reinstate": "active", "depart": "left", "admit": "active"}


class ParticipantLife(RuleBasedStateMachine):
    """Every use case at any time; the chain answers at any time what it may."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = Registry.made()
        self.applications = 0
        self.chain_revision = 0

    @property
    def state(self) -> str | None:
        stored = self.registry.world.objects.get(("participant", BANK_CODE))
        return None if stored is None else stored.state

    @property
    def open_state(self) -> str | None:
        """State of the act of the open step."""
        step = None if self.state is None else self.registry.participant().open_step
        return None if step is None else self.registry.world.objects["act", step.act_id].state

    @initialize(is_admitted=st.booleans())
    def begin(self, is_admitted: bool) -> None:
        if is_admitted:
            self.registry.admit(keys=(ChainKey(address_of(f"{BANK_CODE} business"), ("business",)),))
            self.applications = 1

    @rule()
    def apply(self) -> None:
        before = self.state
        name = f"{BANK_CODE} {'business' if self.applications == 0 else f'again {self.applications}'}"
        try:
            self.registry.apply(OPERATOR, keys=(ChainKey(address_of(name), ("business",)),))
        except IllegalTransitionError:
            assert before not in {None, "rejected", "left"}
            return
        assert before in {None, "rejected", "left"}
        self.applications += 1
        self.chain_revision = 0

    @precondition(lambda self: self.state is not None)
    @rule(act=st.sampled_from(["accept_identity", "accept_role", "reject", "approve", "admit"]))
    def review(self, act: str) -> None:
        before, registry = self.state, self.registry
        bodies = registry.bodies
        given = {"approve": (report(), bodies), "admit": (bodies,), "accept_role": ("because", bodies)}
        arguments = given.get(act, ("because",))
        who = AUTHORISATION if act == "approve" and before in {"role_reviewed", "approved"} else OPERATOR
        use_case = getattr(participant_steps if act == "admit" else participants, act)
        assert before is not None
        try:
            registry.act(use_case, who, *arguments)
        except IllegalTransitionError:
            assert (before, act) not in LIFE.moves
            assert self.state == before
            return
        assert self.state == LIFE.moves[before, act]

    @precondition(lambda self: self.state is not None)
    @rule(act=st.sampled_from(["suspend", "reinstate", "depart"]))
    def propose(self, act: str) -> None:
        before, was_open, registry = self.state, self.open_state, self.registry
        step = registry.participant().open_step
        is_its_own = step is not None and step.step == "add_key"
        try:
            registry.act(
                getattr(participant_steps, act), OPERATOR if act == "depart" else REGULATOR, "why", registry.bodies
            )
        except IllegalTransitionError:
            assert (before, act) not in LIFE.moves
        except ConflictError:
            assert act == "depart" or (was_open == "calling" and not is_its_own), (
                "only a body's own step waits for another"
            )
        assert self.state == before, "a proposal moves nothing"

    @precondition(lambda self: self.state in MEMBERS)
    @rule()
    def add_key(self) -> None:
        before, participant = self.state, self.registry.participant()
        new = address_of(f"{BANK_CODE} new")
        is_clear = participant.open_step is None and participant.overtaken_step is None
        may = before == "active" and is_clear and new not in {key.address for key in participant.keys}
        try:
            self.registry.act(participant_steps.add_key, BANK, new, ("business",))
        except ConflictError:
            assert not may
        else:
            assert may

    @precondition(lambda self: self.state is not None and self.registry.participant().overtaken_step is not None)
    @rule(is_refused=st.booleans())
    def decide_overtaken(self, is_refused: bool) -> None:
        before, was_open = self.state, self.registry.participant().open_step
        overtaken = self.registry.participant().overtaken_step
        assert overtaken is not None
        self.registry.world.decide(overtaken.act_id, "ParticipantRegistryWrongNonce" if is_refused else None)
        self.chain_revision += not is_refused
        assert (self.state, self.registry.participant().open_step) == (before, was_open)

    @precondition(lambda self: self.open_state == "open")
    @rule()
    def withdraw(self) -> None:
        expected = "approved" if self.state == "admitting" else self.state
        self.registry.act(participant_steps.withdraw_step, OPERATOR)
        assert self.state == expected

    @precondition(lambda self: self.open_state == "open" and self.applications == 1)
    @rule()
    def sign(self) -> None:
        self.registry.sign()
        assert self.open_state == "calling"

    @precondition(lambda self: self.open_state == "calling")
    @rule(is_refused=st.booleans())
    def decide(self, is_refused: bool) -> None:
        step, before = self.registry.participant().open_step, self.state
        assert step is not None
        if is_refused:
            self.registry.refuse("ParticipantRegistryWrongNonce")
            assert self.state == ("approved" if step.step == "admit" else before)
        else:
            self.registry.complete()
            assert self.state == CHAIN_STATES.get(step.step, before)
            self.chain_revision += step.step != "admit"

    @invariant()
    def document_is_what_was_written(self) -> None:
        if self.state is not None:
            document = self.registry.stored().document
            assert participant_to_json(participant_from_json(document)) == document

    @invariant()
    def chain_and_document_agree(self) -> None:
        if self.state is None:
            return
        participant = self.registry.participant()
        assert (participant.chain is not None) == (self.state in MEMBERS | {"left"})
        if participant.chain is not None:
            assert participant.chain.revision == self.chain_revision
        assert bool(participant.valid_keys()) == (self.state in MEMBERS)
        assert (self.state == "admitting") == (
            participant.open_step is not None and participant.open_step.step == "admit"
        )

    @invariant()
    def every_act_that_waits_is_a_step_that_is_open(self) -> None:
        waiting = {
            name
            for (kind, name), one in self.registry.world.objects.items()
            if kind == "act" and one.state in {"open", "calling"}
        }
        participant = None if self.state is None else self.registry.participant()
        steps = () if participant is None else (participant.open_step, participant.overtaken_step)
        assert waiting == {step.act_id for step in steps if step is not None}


TestParticipantLife = ParticipantLife.TestCase
TestParticipantLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_table_has_a_way_for_every_act_of_a_member() -> None:
    assert set(IN_MEMBERSHIP) <= LIFE.acts
    assert LIFE.allowed("left") == ("apply_again",)
    assert {state for state, act in LIFE.moves if act == "suspend"} == {"active", "suspended"}
