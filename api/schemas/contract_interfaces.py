"""The messages of the six interfaces of TC609-6-2025-14 annex B, under the names that are printed there (tables B.2 to B.7)."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.agreements import AGREEMENT_ID
from api.schemas.events import HEX32
from ledger.domain.execution_report import DETAILS_CHARACTERS_MAX, RESULT_CHARACTERS_MAX

Name = Annotated[str, Field(alias="contractName", min_length=1, max_length=128)]
ContractId = Annotated[str, Field(alias="contractId", pattern=AGREEMENT_ID)]
Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
NODE = r"^[0-9A-Z*]{32}$"
_STRATEGY = Field(description="`subjectInfo`, `executionNodeInfo`, `actions`, `constraints`, `policyExpansion`.")


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContractTemplateRequest(_Sent):
    """Table B.2."""

    template_id: str | None = Field(None, alias="templateId", min_length=36, max_length=36)
    issuer_id: str = Field(alias="issuerId", pattern=NODE)
    issuer_entity_id: str = Field(alias="issuerEntityId", pattern=PARTICIPANT)


class ContractCreateRequest(_Sent):
    """Table B.3. `signature` is SM2 over all other members."""

    name: Name
    abstract: str = Field(alias="contractAbstract", min_length=1, max_length=1_024)
    issue_time: str = Field(alias="issueTime", min_length=20, max_length=40)
    activation_time: str = Field(alias="activationTime", min_length=20, max_length=40)
    end_time: str = Field(alias="endTime", min_length=20, max_length=40)
    sign_mode: str = Field(alias="signMode", pattern=r"^0[12]$")
    issuer_id: str = Field(alias="issuerId", pattern=NODE)
    issuer_entity_id: str = Field(alias="issuerEntityId", pattern=PARTICIPANT)
    signature: Signature


class PartySignatureOf(_Sent):
    """One party's signature at the final confirmation."""

    entity_id: str = Field(alias="entityId", pattern=PARTICIPANT)
    signature: Signature
    signatory_time: str = Field(alias="signatoryTime", min_length=20, max_length=40)


class ContractNegotiateRequest(_Sent):
    """Table B.4."""

    name: Name
    contract_id: ContractId
    strategy: dict[str, Any] = _STRATEGY
    signatures: list[PartySignatureOf] = Field(default=[], alias="signatureList", max_length=2)


class SignatoryOf(_Sent):
    """One party of a contract that is filed."""

    entity_id: str = Field(alias="signatoryEntityId", pattern=PARTICIPANT)
    entity_name: str | None = Field(None, alias="signatoryEntityName", max_length=128)
    signature: Signature


class ContractRegistrateRequest(_Sent):
    """Table B.5."""

    name: Name
    contract_id: ContractId
    strategy: dict[str, Any] = _STRATEGY
    signatories: list[SignatoryOf] = Field(alias="signatoryEntities", min_length=2, max_length=2)
    signatory_time: str = Field(alias="signatoryTime", min_length=20, max_length=40)
    expansion: str = Field(alias="contractExpansionItem", max_length=10_000)


class ExecutedStrategyOf(_Sent):
    """What was executed."""

    strategy_id: str = Field(alias="executedStrategyId", min_length=1, max_length=36)
    actions: list[str] = Field(alias="executedActions", min_length=1, max_length=21)
    result: str = Field(alias="executionResult", min_length=1, max_length=RESULT_CHARACTERS_MAX)
    details: str = Field("", alias="executionDetails", max_length=DETAILS_CHARACTERS_MAX)


class ContractExecutionRequest(_Sent):
    """Table B.6."""

    name: Name
    contract_id: ContractId
    strategy: dict[str, Any] = _STRATEGY
    executed: ExecutedStrategyOf = Field(alias="executedStrategy")
    report_time: str = Field(alias="reportTime", min_length=20, max_length=40)


class ContractTerminateRequest(_Sent):
    """Table B.7; `erminateType` as it is printed, or `terminateType`. `signature` is SM2 over all other members."""

    name: Name
    contract_id: ContractId
    issue_time: str = Field(alias="issueTime", min_length=20, max_length=40)
    activation_time: str = Field(alias="activationTime", min_length=20, max_length=40)
    issuer_id: str = Field(alias="issuerId", pattern=NODE)
    issuer_entity_id: str = Field(alias="issuerEntityId", pattern=PARTICIPANT)
    signature: Signature
    printed_type: str | None = Field(None, alias="erminateType", pattern=r"^0[12]$")
    meant_type: str | None = Field(None, alias="terminateType", pattern=r"^0[12]$")
    scheduled_end_time: str = Field(alias="scheduledEndTime", min_length=20, max_length=40)
    agreed_end_time: str | None = Field(None, alias="agreedEndTime", min_length=20, max_length=40)


class ContractTemplateAnswer(BaseModel):
    """Table B.2: the template, or all of them."""

    status: str = Field(pattern="^0$")
    template: list[dict[str, Any]]


class ContractCreateAnswer(BaseModel):
    """Table B.3."""

    contractId: str = Field(pattern=AGREEMENT_ID)  # noqa: N815 - the standard's name
    creationFlag: str = Field(pattern="^0$")  # noqa: N815 - the standard's name


class ContractNegotiateAnswer(BaseModel):
    """Table B.4: `0` agreed, `1` go on negotiating."""

    negotiationStatus: str = Field(pattern="^[01]$")  # noqa: N815 - the standard's name
    contractStatus: str = Field(description="Code of table C.1.")  # noqa: N815 - the standard's name


class ContractRegistrateAnswer(BaseModel):
    """Table B.5: `0` with `contractHash` once it is filed; `1` with a reason while the filing is under way."""

    status: str = Field(pattern="^[01]$")
    contractHash: str | None = Field(None, pattern=HEX32)  # noqa: N815 - the standard's name
    contractStatus: str = Field(description="Code of table C.1.")  # noqa: N815 - the standard's name
    code: str | None = None
    detail: str | None = None


class ContractStatusAnswer(BaseModel):
    """Tables B.6 and B.7."""

    status: str = Field(pattern="^0$")
    contractStatus: str = Field(description="Code of table C.1.")  # noqa: N815 - the standard's name


class ContractFailure(BaseModel):
    """A refusal: the interface's flag, and a problem's `type`, `title`, `code` and `detail`."""

    status: str | None = Field(None, pattern="^1$")
    creationFlag: str | None = Field(None, pattern="^1$")  # noqa: N815 - the standard's name
    negotiationStatus: str | None = Field(None, pattern="^1$")  # noqa: N815 - the standard's name
    contractId: str | None = None  # noqa: N815 - the standard's name
    type: str
    title: str
    code: str
    detail: str | None = None
