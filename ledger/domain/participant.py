"""A participant: its life as a transition table, and the shape of its document. Pure.

Names of natural persons, telephone numbers, addresses of mail and facts of identity documents are not here: they are in the sealed
private part. Times are log times (RFC 3339, UTC), days ``YYYY-MM-DD``, digests and addresses lower-case hex (addresses with ``0x``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ledger.domain.credit import CreditFile
from ledger.domain.json_records import record_from_json, record_to_json
from ledger.domain.transitions import TransitionTable
from ledger.errors import IllegalTransitionError

KIND: Final = "participant"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
LEFT: Final = "left"

_REVIEWS: Final = {
    ("applied", "accept_identity"): "identity_reviewed",
    ("identity_reviewed", "accept_role"): "role_reviewed",
    ("role_reviewed", "accept_connector"): "connector_reviewed",
    ("role_reviewed", "approve"): "approved",
    ("connector_reviewed", "approve"): "approved",
    ("approved", "admit"): "admitting",
    ("admitting", "confirm_admission"): ACTIVE,
    ("admitting", "refuse_admission"): "approved",
    ("admitting", "withdraw_step"): "approved",
    ("rejected", "apply_again"): "applied",
    (LEFT, "apply_again"): "applied",
}
_REJECTABLE: Final = ("applied", "identity_reviewed", "role_reviewed", "connector_reviewed", "approved")
_STANDING: Final = {
    (ACTIVE, "suspend"): ACTIVE,
    (ACTIVE, "confirm_suspension"): SUSPENDED,
    (SUSPENDED, "reinstate"): SUSPENDED,
    (SUSPENDED, "confirm_reinstatement"): ACTIVE,
    (ACTIVE, "confirm_departure"): LEFT,
    (SUSPENDED, "confirm_departure"): LEFT,
    (ACTIVE, "add_key"): ACTIVE,  # the chain takes new keys of a suspended body from nobody
}
IN_MEMBERSHIP: Final = (
    "withdraw_step",
    "refuse_step",
    "depart",
    "renew_qualification",
    "confirm_renewal",
    "change_qualification",
    "acknowledge_change",
    "pass_recheck",
    "revoke_key",
    "confirm_key",
    "change_roles",
    "confirm_roles",
    "add_sm2_key",
    "revoke_sm2_key",
    "enter_violation",
    "rate",
    "appeal",
    "decide_appeal",
    "claim_repair",
    "decide_repair",
)
"""Acts of an admitted body that leave it in its state."""

LIFE: Final = TransitionTable(
    KIND,
    "applied",
    _REVIEWS
    | {(state, "reject"): "rejected" for state in _REJECTABLE}
    | _STANDING
    | {(state, act): state for state in (ACTIVE, SUSPENDED) for act in IN_MEMBERSHIP},
)
"""A step for the chain (``suspend``, ``reinstate``, ``depart``, ...) only proposes; the state follows when the chain is final."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who it is: public facts of a body.

    Args:
        code: unified social credit code, 18 characters.
        name: registered name.
        enterprise_type: code of ``EnterpriseType``.
        address: registered address.
        business_scope: what it does.
    """

    code: str
    name: str
    enterprise_type: str
    address: str
    business_scope: str


@dataclass(frozen=True, slots=True)
class QualificationDocument:
    """A paper that was handed in; the paper itself stays elsewhere.

    Args:
        kind: of ``ledger.domain.admission_rules.DOCUMENT_KINDS``.
        title: what it says on it.
        sha256: digest of the file.
        issuer: who issued it.
        valid_until: last day, None when it has no end.
    """

    kind: str
    title: str
    sha256: str
    issuer: str
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class Connector:
    """The connector with which it joins.

    Args:
        code: national code of 32 characters, type 5, of this body.
        name: what it is called.
        join_type: code of ``ConnectorJoinType``.
        connector_type: code of ``ConnectorType``.
    """

    code: str
    name: str
    join_type: str
    connector_type: str


@dataclass(frozen=True, slots=True)
class ChainKey:
    """A secp256k1 key.

    Args:
        address: ``0x`` and 40 lower-case hex digits.
        purposes: names of ``KeyPurpose``, lower case, sorted.
        state: ``offered`` (until the chain has it), ``valid`` or ``revoked``.
        valid_from: when the service learned that the chain has it.
        revoked_at: when it learned that the chain ended it.
    """

    address: str
    purposes: tuple[str, ...]
    state: str = "offered"
    valid_from: str | None = None
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Sm2Key:
    """An SM2 public key, ``04`` || x || y in hex; revoked ones stay as history."""

    public_key: str
    valid_from: str
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One review: ``step`` is identity, role or connector."""

    step: str
    accepted: bool
    reasons: str
    account: str
    reviewed_at: str


@dataclass(frozen=True, slots=True)
class Report:
    """The qualification report.

    Args:
        finding: what was found, in words.
        valid_until: last day of the qualification.
        scenarios: what it is qualified for.
        limits: what it is not.
        verifier: the body that verified.
        seal_sha256: digest of the sealed report file.
        issued_on: day of the seal.
    """

    finding: str
    valid_until: str
    scenarios: tuple[str, ...]
    limits: tuple[str, ...]
    verifier: str
    seal_sha256: str
    issued_on: str


@dataclass(frozen=True, slots=True)
class OpenStep:
    """What waits for the chain: the step, its act, and what will hold when it is final (as the step's own members)."""

    step: str
    act_id: str
    key: ChainKey | None = None
    report: Report | None = None
    roles: tuple[str, ...] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """The last step that the chain refused: by which error of the contract, and when."""

    step: str
    act_id: str
    reason: str
    refused_at: str


@dataclass(frozen=True, slots=True)
class OnChain:
    """What the registry contract holds by the steps that are final: ``revision`` is the nonce of the next act."""

    body_id: str
    revision: int
    qualified_until: int


@dataclass(frozen=True, slots=True)
class Participant:
    """The document of a participant.

    Args:
        organisation: who it is.
        roles: asked for, later held; names of body roles, lower case, sorted.
        rules: version of the admission rules that its application was judged by.
        facts_digest: salted digest of the sealed real-name facts; empty for a body that the council admitted.
        documents: qualification documents.
        keys: chain keys, past ones too.
        connector: when it declares one.
        sm2_keys: past ones too.
        reviews: of this application, in order.
        report: qualification report in force.
        open_step: what waits for the chain.
        refused_step: what the chain refused last, until something else is done.
        chain: None until the chain holds the body.
        untold: platforms that were not yet told of a change of qualification.
        credit: credit file.
    """

    organisation: Organisation
    roles: tuple[str, ...]
    rules: str
    facts_digest: str
    documents: tuple[QualificationDocument, ...]
    keys: tuple[ChainKey, ...]
    connector: Connector | None = None
    sm2_keys: tuple[Sm2Key, ...] = ()
    reviews: tuple[Review, ...] = ()
    report: Report | None = None
    open_step: OpenStep | None = None
    refused_step: RefusedStep | None = None
    chain: OnChain | None = None
    untold: tuple[str, ...] = ()
    credit: CreditFile = field(default_factory=CreditFile)

    def valid_keys(self, *purposes: str) -> tuple[ChainKey, ...]:
        """Valid chain keys that have all of these purposes."""
        return tuple(key for key in self.keys if key.state == "valid" and set(purposes) <= set(key.purposes))

    def with_key(self, changed: ChainKey) -> "Participant":
        """With this key in the place of the one of its address, or behind the others."""
        others = [key.address for key in self.keys]
        if changed.address not in others:
            return replace(self, keys=(*self.keys, changed))
        return replace(self, keys=tuple(changed if key.address == changed.address else key for key in self.keys))


def participant_to_json(participant: Participant) -> dict[str, Any]:
    """How it is kept."""
    return record_to_json(participant)


def participant_from_json(document: Mapping[str, Any]) -> Participant:
    """The participant that ``participant_to_json`` wrote."""
    return record_from_json(Participant, document)


def next_state(participant: Participant, state: str, act: str) -> str:
    """As ``LIFE.next``; the connector is reviewed exactly where one is declared.

    Raises:
        IllegalTransitionError: the state does not allow the act, or what the participant declared does not.
    """
    skipped = "approve" if participant.connector is not None else "accept_connector"
    if (state, act) != ("role_reviewed", skipped):
        return LIFE.next(state, act)
    allowed = allowed_acts(participant, state)
    what = "has a connector that nobody reviewed" if act == "approve" else "declares no connector"
    raise IllegalTransitionError(
        f"This participant {what}. Allowed now: {', '.join(allowed)}. Nothing was changed.",
        state=state,
        allowed=allowed,
    )


def allowed_acts(participant: Participant, state: str) -> list[str]:
    """The acts that ``next_state`` lets pass, sorted."""
    skipped = "approve" if participant.connector is not None else "accept_connector"
    return [act for act in LIFE.allowed(state) if (state, act) != ("role_reviewed", skipped)]


def is_in_good_standing(participant: Participant, state: str, at: int) -> bool:
    """Whether it may take on new duties: active, qualified at this second (Unix time), and no suspension is under way."""
    step, chain = participant.open_step, participant.chain
    is_being_suspended = step is not None and step.step == "suspend"
    return state == ACTIVE and not is_being_suspended and chain is not None and at <= chain.qualified_until
