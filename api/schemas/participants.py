"""What is sent about participants. Texts have no control characters; a document holds no natural person but in ``facts``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ledger.domain.participant import ChainKey, Connector, Organisation, QualificationDocument, Report
from ledger.services.participants import Application

CODE = r"^[0-9A-Z]{18}$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
HEX32 = r"^[0-9a-f]{64}$"
ADDRESS = r"^0x[0-9a-fA-F]{40}$"
SM2_KEY = r"^04[0-9a-f]{128}$"
_PRINTED = r"^[^\x00-\x1f\x7f]+$"

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=_PRINTED)]
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=_PRINTED)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Day = Annotated[str, Field(pattern=DAY, examples=["2028-12-31"])]
Digest = Annotated[str, Field(pattern=HEX32, description="SHA-256 in hex.")]
Address = Annotated[str, Field(pattern=ADDRESS)]
Number = Annotated[int, Field(ge=1, le=100_000)]
Mark = Annotated[int, Field(ge=0, le=100)]
Sm2PublicKey = Annotated[str, Field(pattern=SM2_KEY)]


class Sent(BaseModel):
    """Base of what is sent: no member that is not named."""

    model_config = ConfigDict(extra="forbid")


class OrganisationFacts(Sent):
    """A body: public facts."""

    code: Annotated[str, Field(pattern=CODE, description="Unified social credit code.")]
    name: Name
    enterprise_type: Annotated[str, Field(pattern="^[0-4]$", description="NDI-TR-2025-03 table 4.")]
    address: Name
    business_scope: Text


class QualificationPaper(Sent):
    """A paper handed in, by its digest."""

    kind: Word
    title: Name
    sha256: Digest
    issuer: Name
    valid_until: Day | None = None


class OfferedKey(Sent):
    """A secp256k1 key of the body."""

    address: Address
    purposes: Annotated[list[Word], Field(min_length=1, max_length=3)]


class DeclaredConnector(Sent):
    """The connector with which the body joins."""

    code: Annotated[str, Field(pattern=r"^5[0-9A-Z*]{31}$")]
    name: Name
    join_type: Annotated[str, Field(pattern="^[1-5]$")]
    connector_type: Annotated[str, Field(pattern="^[12]$")]


class PersonFacts(Sent):
    """A natural person who acts for the body; sealed."""

    name: Name
    document_type: Name
    document_number: Name
    auth_level: Annotated[str, Field(pattern="^[0-2]$")] = "0"


class ContactFacts(Sent):
    """How to reach the body; sealed."""

    name: Name
    phone: Annotated[str, Field(pattern=r"^[0-9+ -]{3,30}$")]
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")] | None = None


class RealNameFacts(Sent):
    """Real-name facts; read back at `/facts` by the body, the operator and the regulator only."""

    legal_person: PersonFacts
    contact: ContactFacts


class ApplyParticipant(Sent):
    """An application for admission."""

    organisation: OrganisationFacts
    roles: Annotated[list[Word], Field(min_length=1, max_length=6)]
    documents: Annotated[list[QualificationPaper], Field(max_length=50)]
    keys: Annotated[list[OfferedKey], Field(min_length=1, max_length=16)]
    facts: RealNameFacts
    sm2_keys: Annotated[list[Sm2PublicKey], Field(max_length=4)] = []
    connector: DeclaredConnector | None = None

    def application(self) -> Application:
        """For the use case."""
        return Application(
            organisation=Organisation(**self.organisation.model_dump()),
            roles=tuple(self.roles),
            documents=documents_of(self.documents),
            keys=tuple(ChainKey(key.address.lower(), tuple(sorted(key.purposes))) for key in self.keys),
            facts=self.facts.model_dump(),
            sm2_keys=tuple(self.sm2_keys),
            connector=None if self.connector is None else Connector(**self.connector.model_dump()),
        )


class Nothing(Sent):
    """An act that takes no more than its name: `{}`."""


class WithReasons(Sent):
    """Why; names no natural person."""

    reasons: Text


class QualificationReport(Sent):
    """The qualification report, or a new one."""

    finding: Text
    valid_until: Day
    scenarios: Annotated[list[Name], Field(min_length=1, max_length=50)]
    limits: Annotated[list[Name], Field(max_length=50)]
    verifier: Name
    seal_sha256: Annotated[str, Field(pattern=HEX32, description="SHA-256 of the sealed report file.")]
    issued_on: Day

    def report(self) -> Report:
        """For the use case."""
        values = self.model_dump() | {"scenarios": tuple(self.scenarios), "limits": tuple(self.limits)}
        return Report(**values)


class ChangeQualification(Sent):
    """All qualification documents as they are now."""

    documents: Annotated[list[QualificationPaper], Field(min_length=1, max_length=50)]


class ChangeRoles(Sent):
    """All roles as they shall be."""

    roles: Annotated[list[Word], Field(min_length=1, max_length=6)]


class RevokeKey(Sent):
    """A chain key, and why it ends."""

    address: Address
    reasons: Text


class Sm2KeyOnly(Sent):
    """An SM2 public key: `04`, x, y in hex."""

    public_key: Sm2PublicKey


class PassRecheck(Sent):
    """What shows that the re-check was passed."""

    evidence_sha256: Digest


class EnterViolation(Sent):
    """A violation."""

    kind: Word
    severity: Annotated[str, Field(pattern="^(minor|serious|grave)$")]
    basis: Text
    evidence_sha256: Digest


class RateParticipant(Sent):
    """Three marks for a period."""

    period: Name
    compliance: Mark
    service_quality: Mark
    performance: Mark
    basis_sha256: Digest


class AppealViolation(Sent):
    """A violation by its number in the credit file, and why it is contested."""

    violation: Number
    grounds: Text


class DecideAppeal(Sent):
    """Whether the violation is lifted."""

    violation: Number
    lifted: bool
    reasons: Text


class ClaimRepair(Sent):
    """A violation by its number, and the digest of the proof that it was put right."""

    violation: Number
    proof_sha256: Digest


class DecideRepair(Sent):
    """Whether the repair is taken."""

    violation: Number
    repaired: bool
    reasons: Text


def documents_of(papers: list[QualificationPaper]) -> tuple[QualificationDocument, ...]:
    """For the use cases."""
    return tuple(QualificationDocument(**paper.model_dump()) for paper in papers)
