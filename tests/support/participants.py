"""Participants for tests: applications, bodies with real keys, and the chain's part played by hand where there is no chain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from coincurve import PrivateKey
from support.fake_unit_of_work import World

from ledger.domain.admission_rules import BUSINESS_LICENCE, ISO_27701, SECURITY_ASSESSMENT
from ledger.domain.participant import (
    ChainKey,
    Organisation,
    Participant,
    QualificationDocument,
    Report,
    participant_from_json,
)
from ledger.domain.participant_life import is_in_good_standing
from ledger.domain.subject_code import generate_subject_code
from ledger.domain.typed_acts import Tail, act_signing_digest
from ledger.log.typed_data import address_of_public_key
from ledger.services import participant_completion, participant_steps, participants, steps
from ledger.services.acts import act_of, sign_act
from ledger.services.bodies import BodyNotAbleError, body_of
from ledger.services.business import Actor, StoredObject
from ledger.services.participant_reserved import ReservedBody, record_reserved_body
from ledger.services.participants import Application

assert participant_completion.FINISHES, "importing it registers the steps"

SALT = bytes(range(32))
BANK_CODE = generate_subject_code("310000", "MA0000001")
OFFICE_CODE = generate_subject_code("310000", "MA0000002", authority="1")
RESERVED_CODES = {
    role: generate_subject_code("310000", f"MADE0000{number}")
    for number, role in enumerate(("operator", "regulator", "trading_platform", "authorisation_platform"), 1)
}
FACTS = {
    "legal_person": {"name": "Zhang San", "document_number": "11010519491231002X"},
    "contact": {"phone": "13800000000"},
}
PLACE: dict[str, Any] = {"tx_hash": b"\x01" * 32, "block_number": 7, "block_hash": b"\x02" * 32}


def key_of(name: str) -> PrivateKey:
    """A key that follows from a name, so that a test can say whose it is."""
    return PrivateKey(name.encode().ljust(32, b"\x01"))


def address_of(name: str) -> str:
    """Its address as documents write it."""
    return "0x" + address_of_public_key(key_of(name).public_key.format(compressed=False)).hex()


def actor(role: str, participant: str | None = None) -> Actor:
    """An account with one role."""
    return Actor(f"account-{role}", participant, frozenset({role}))


OPERATOR = actor("operator", RESERVED_CODES["operator"])
AUTHORISATION = actor("authorisation_platform", RESERVED_CODES["authorisation_platform"])
REGULATOR = actor("regulator", RESERVED_CODES["regulator"])
BANK = Actor("account-bank", BANK_CODE, frozenset({"consumer"}))
APPLICANT = Actor("acc-applicant", None, frozenset({"applicant"}))
STRANGER = Actor("account-stranger", OFFICE_CODE, frozenset({"provider"}))


def document(kind: str = BUSINESS_LICENCE, **changes: Any) -> QualificationDocument:
    made = QualificationDocument(
        kind, "营业执照", kind.encode().hex().ljust(64, "0"), "Market Regulation", "2030-12-31"
    )
    return replace(made, **changes)


def application(code: str = BANK_CODE, **changes: Any) -> Application:
    made = Application(
        organisation=Organisation(code, "示例银行", "1", "上海市示例路1号", "credit"),
        roles=("consumer",),
        documents=(document(), document(ISO_27701), document(SECURITY_ASSESSMENT)),
        keys=(
            ChainKey(address_of(f"{code} business"), ("business", "metering")),
            ChainKey(address_of(f"{code} finance"), ("finance",)),
        ),
        facts=FACTS,
    )
    return replace(made, **changes)


def report(**changes: Any) -> Report:
    made = Report(
        finding="meets the requirements",
        valid_until="2028-12-31",
        scenarios=("credit review",),
        limits=("no export of raw data",),
        verifier="Example Assessment Centre",
        seal_sha256="ab" * 32,
        issued_on="2026-10-30",
    )
    return replace(made, **changes)


class Weekdays:
    """A calendar in which every Monday to Friday works, and nothing else."""

    digest = b"\x77" * 32

    def __call__(self, day: date, /) -> bool:
        return day.weekday() < 5


weekdays = Weekdays()


@dataclass(frozen=True)
class WorldBodies:
    """``Bodies`` of a world in memory."""

    world: World

    def with_role(self, role: str) -> Sequence[StoredObject]:
        return [
            one
            for (kind, _), one in self.world.objects.items()
            if kind == "participant" and one.state == "active" and role in one.document["roles"]
        ]


@dataclass
class Registry:
    """A world with the bodies of the reserved roles; every call is one transaction, based on the newest revision."""

    world: World

    @classmethod
    def made(cls) -> "Registry":
        registry = cls(World())
        for role, code in RESERVED_CODES.items():
            organisation = Organisation(code, f"{role} of the city", "0", "上海市", role)
            key = ChainKey(address_of(f"{code} business"), ("business", "metering"), "valid")
            body = ReservedBody(organisation, role, (key,), role.encode().ljust(32, b"\x00"), 4_102_444_800)
            with registry.world.begin(OPERATOR) as uow:
                record_reserved_body(uow, body, SALT)
        return registry

    @property
    def bodies(self) -> WorldBodies:
        return WorldBodies(self.world)

    def stored(self, code: str = BANK_CODE) -> StoredObject:
        return self.world.objects["participant", code]

    def participant(self, code: str = BANK_CODE) -> Participant:
        return participant_from_json(self.stored(code).document)

    def act(
        self, use_case: Callable[..., StoredObject], who: Actor, *args: Any, code: str = BANK_CODE, **kw: Any
    ) -> Any:
        """Runs ``use_case(uow, code, ...)``."""
        with self.world.begin(who, revision=self.stored(code).revision) as uow:
            return use_case(uow, code, *args, **kw)

    def apply(self, who: Actor = APPLICANT, **changes: Any) -> StoredObject:
        with self.world.begin(who) as uow:
            return participants.apply(uow, application(**changes), SALT)

    def approve(self, **changes: Any) -> None:
        """Application, reviews and report."""
        self.apply(**changes)
        self.act(participants.accept_identity, OPERATOR, "papers fit")
        self.act(participants.accept_role, OPERATOR, "may consume", self.bodies)
        self.act(participants.approve, AUTHORISATION, report(), self.bodies)

    def admit(self, **changes: Any) -> None:
        """The whole way until it is active."""
        self.approve(**changes)
        self.act(participant_steps.admit, OPERATOR, self.bodies)
        self.sign()
        self.complete()

    def open_act(self, code: str = BANK_CODE) -> StoredObject:
        step = self.participant(code).open_step
        assert step is not None
        return self.world.objects["act", step.act_id]

    def sign(self, code: str = BANK_CODE) -> None:
        """Every signer of the open act signs with its key; the operator relays."""
        stored = self.open_act(code)
        deadline = int(self.world.now.timestamp()) + 86_400
        for place, signer in enumerate(stored.document["signers"]):
            key = self._private_key(signer["keys"])
            with self.world.begin(OPERATOR) as uow:
                act = act_of(stored)
                tail = Tail(bytes.fromhex(signer["body_id"]), deadline)
                raw = key.sign_recoverable(act_signing_digest(act, tail, uow.domain_of(act.CONTRACT)), hasher=None)
                address = address_of_public_key(key.public_key.format(compressed=False))
                signature = raw[:64] + bytes([raw[64] + 27])
                sign_act(uow, stored.object_id, place=place, key=address, deadline=deadline, signature=signature)

    def complete(self, code: str = BANK_CODE) -> None:
        """The chain holds the open act for good."""
        with self.world.begin(OPERATOR) as uow:
            steps.complete(uow, self.open_act(code).object_id, **PLACE)

    def refuse(self, reason: str, code: str = BANK_CODE) -> None:
        """The contract refused the open act."""
        with self.world.begin(OPERATOR) as uow:
            steps.refuse(uow, self.open_act(code).object_id, reason)

    def event_types(self) -> list[str]:
        return [kind for kind, _, _ in self.world.events]

    def owed(self, code: str = BANK_CODE) -> set[str]:
        """Duties of a body that are not met."""
        return {duty for (_, owner, duty), one in self.world.deadlines.items() if owner == code and one.met_at is None}

    def _private_key(self, addresses: Sequence[str]) -> PrivateKey:
        names = [
            f"{code} {purpose}"
            for (kind, code) in self.world.objects
            if kind == "participant"
            for purpose in ("business", "finance", "new")
        ]
        return next(key_of(name) for name in names if address_of(name)[2:] in addresses)


def is_able(registry: Registry) -> bool:
    """Whether the bank may act as a body: by the rule that use cases ask, and by what is shown of it."""
    try:
        with registry.world.begin() as uow:
            body_of(uow, BANK_CODE)
    except BodyNotAbleError:
        return False
    return is_in_good_standing(registry.participant(), registry.stored().state, int(registry.world.now.timestamp()))
