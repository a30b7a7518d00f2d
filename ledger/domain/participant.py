"""A participant: the shape of its document; ``participant_life`` has its states. Pure.

Names of natural persons, telephone numbers, addresses of mail and facts of identity documents are not here: they are in the sealed
private part. Times are log times (RFC 3339, UTC), days ``YYYY-MM-DD``, digests and addresses lower-case hex (addresses with ``0x``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ledger.domain.credit import CreditFile
from ledger.domain.records import stored_from_json, to_json

KIND: Final = "participant"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
LEFT: Final = "left"


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
    """What waits for the chain: the step, its act, and what will hold when it is final (as the step's own members).

    ``due_at``: until when its signatures are to be there.
    """

    step: str
    act_id: str
    key: ChainKey | None = None
    report: Report | None = None
    roles: tuple[str, ...] | None = None
    reason: str | None = None
    due_at: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """The last step that the chain refused: by which error of the contract, and when.

    ``is_outdated``: only because the chain held other acts on the body meanwhile; proposed again it names them.
    """

    step: str
    act_id: str
    reason: str
    refused_at: str
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class ActCount:
    """Acts that a body has done about this one, as of the last that came from here: ``signer`` is its id, ``0x`` and hex."""

    signer: str
    count: int


@dataclass(frozen=True, slots=True)
class OnChain:
    """What the registry contract holds by the steps that are final.

    Args:
        body_id: on the chain, ``0x`` and hex.
        revision: acts of bodies about this one, the sum of ``counts``.
        qualified_until: last second of its qualification, Unix time.
        block_number: of the last step; 0 before any.
        counts: by signer; ``ledger.domain.chain_counts`` has the nonce of its next act.
    """

    body_id: str
    revision: int
    qualified_until: int
    block_number: int = 0
    counts: tuple[ActCount, ...] = ()

    def count_of(self, signer: str) -> int:
        """How many acts of this body about it came from here, or were before one that did."""
        return next((one.count for one in self.counts if one.signer == signer), 0)

    def with_act(self, signer: str, nonce: int, block_number: int) -> "OnChain":
        """With one more act: its signer's count is what it named, and one, whatever was known before."""
        others = tuple(one for one in self.counts if one.signer != signer)
        counts = (*others, ActCount(signer, nonce + 1))
        revision = sum(one.count for one in counts)
        return replace(self, revision=revision, block_number=block_number, counts=counts)


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
        overtaken_step: a step about which the chain decides, while a suspension or its end was put in its place.
        refused_step: what the chain refused last, until something else is done.
        chain: None until the chain holds the body.
        untold: platforms that were not yet told of a change of qualification.
        credit: credit file.
        applied_by: account that handed in this application; empty for a body that the council admitted.
        failed_recheck: when a re-check failed, until one is passed or the body is reinstated: so long it takes on nothing new.
        waiting: names of the applications of others for the same code that wait behind this one.
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
    applied_by: str = ""
    waiting: tuple[str, ...] = ()
    failed_recheck: str | None = None
    overtaken_step: OpenStep | None = None

    @property
    def was_member(self) -> bool:
        """Whether there is a membership or a credit file on record, which is no stranger's to see."""
        return self.credit != CreditFile() or any(key.state != "offered" for key in self.keys)

    def step_of(self, act_id: str) -> OpenStep | None:
        """The step that waits for this act."""
        return next((step for step in (self.open_step, self.overtaken_step) if step and step.act_id == act_id), None)

    def without_step(self, act_id: str) -> "Participant":
        """With nothing that waits for this act."""
        is_open = self.open_step is not None and self.open_step.act_id == act_id
        return replace(self, open_step=None) if is_open else replace(self, overtaken_step=None)

    def with_record_of(self, former: "Participant") -> "Participant":
        """This application with what is on record about the body that handed in the former one: past keys and credit file."""
        addresses = {key.address for key in self.keys}
        past = tuple(key for key in former.keys if key.state != "offered" and key.address not in addresses)
        return replace(self, keys=(*past, *self.keys), credit=former.credit)

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
    document: dict[str, Any] = to_json(participant)
    return document


def participant_from_json(document: Mapping[str, Any]) -> Participant:
    """The participant that ``participant_to_json`` wrote."""
    return stored_from_json(Participant, document)
