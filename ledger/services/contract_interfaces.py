"""The interfaces of TC609-6-2025-14 annex B for contracts that are agreements: filing (B.5), termination (B.7), over the same use cases.

B.6 is ``execution_reports``, B.3 and B.4 are ``contract_drafts``. A party that files asks its platform to: who files signs for the chain, and
that is the platform (annex A.2 e, clause 7.4 a). A party that terminates asks for the dissolution that both sign (disagreement D8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ledger.bundle.agreement_papers import CONTRACT
from ledger.domain.contract_draft import KIND as DRAFT
from ledger.domain.contract_draft import contract_abstract
from ledger.domain.policies.national import parse_strategy
from ledger.errors import AccessError, ConflictError, InputError
from ledger.services.agreement_filing import PLATFORMS, dissolve_agreement, file_agreement
from ledger.services.agreement_objects import KIND, act_of_agreement, disclosed_of, is_party
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.contract_drafts import give_up_contract
from ledger.services.notices import notify
from ledger.services.paper_signatures import signed_by_body

EARLY: Final = "01"
AT_EXPIRY: Final = "02"
ASKED_EVENT: Final = "org.cityledger.agreement.filing_requested.v1"
REASON: Final = "TC609-6-2025-14 B.7"
"""Table B.7 has no member for a reason (disagreement D8)."""


@dataclass(frozen=True, slots=True)
class ContractFiling:
    """Table B.5.

    Args:
        name: ``contractName``.
        strategy: ``strategy`` as parsed JSON.
        signatories: ``signatoryEntityId`` and SM2 signature (64 bytes) of each party.
    """

    name: str
    strategy: Any
    signatories: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class ContractEnd:
    """Table B.7.

    Args:
        name: ``contractName``.
        issuer: ``issuerEntityId``.
        terminate_type: ``01`` early, ``02`` at expiry.
        scheduled_at: ``scheduledEndTime``.
        agreed_at: ``agreedEndTime``; None where it is not sent.
        request: the message as it was sent, without its signature: that is what is signed.
        signature: SM2 of the issuer, 64 bytes.
    """

    name: str
    issuer: str
    terminate_type: str
    scheduled_at: datetime
    agreed_at: datetime | None
    request: dict[str, Any]
    signature: bytes


def register_contract(uow: UnitOfWork, contract_id: str, filing: ContractFiling) -> StoredObject:
    """Files a signed agreement: by its platform; or a party asks the platforms to. One that is filed already is answered as such.

    Raises:
        NotFoundError: there is no such agreement that the actor may see.
        AccessError: the actor is neither party nor platform of it.
        InputError: name, object, nodes or signatories are not those of the agreement, or its policies have no such strategy.
        SignatureError: a signature is not its party's over ``contract_abstract``.
        ConflictError: it is not signed on the chain yet, or over.
        BodyNotAbleError: the platform is not in good standing.
    """
    agreement = uow.get(KIND, contract_id)
    is_asking = is_party(agreement, uow.actor.participant)
    if not is_asking and not (uow.actor.roles & set(PLATFORMS) and participant_of(uow.actor) in agreement.parties):
        raise AccessError("A party of the agreement, or its platform, files it. Nothing was changed.")
    _check_filing(uow, agreement, filing)
    if agreement.state == "filing" or agreement.document["filed"] is not None:
        return agreement
    if agreement.state != "signed":
        raise ConflictError("Both parties sign on the chain before the agreement is filed. Nothing was changed.")
    if not is_asking:
        return file_agreement(uow, contract_id)
    if notify(uow, agreement, "filing_requested", agreement.document["platforms"]):
        said = {"agreement_id": contract_id, "by": uow.actor.participant}
        uow.record(ASKED_EVENT, said | {"contract_hash": agreement.document["contract_hash"]}, subject=contract_id)
    return agreement


def terminate_contract(uow: UnitOfWork, contract_id: str, end: ContractEnd) -> StoredObject:
    """Asks for an early end, to be signed by both; or is told that the agreement has expired. A draft is given up.

    Raises:
        NotFoundError: there is no such contract that the actor may see.
        AccessError: the actor is not the issuer that is named, or no party.
        InputError: the name, or the end as it was agreed, is another; an early end has no agreed time.
        SignatureError: no key of the issuer signed it.
        ConflictError: at expiry, the agreement is not over.
        IllegalTransitionError: it cannot be ended any more, or not yet.
    """
    if end.issuer != participant_of(uow.actor):
        raise AccessError("A body ends contracts in its own name. Nothing was changed.")
    signed_by_body(uow, end.issuer, CONTRACT, end.request, end.signature)
    if uow.peek(KIND, contract_id) is None and uow.peek(DRAFT, contract_id) is not None:
        return give_up_contract(uow, contract_id)
    agreement = uow.get(KIND, contract_id)
    if not is_party(agreement, end.issuer):
        raise AccessError("A party of the agreement ends it. Nothing was changed.")
    _check_end(agreement, end)
    if agreement.state in ("ending", "terminated"):
        return agreement  # asked for, or over, already
    if end.terminate_type == AT_EXPIRY:
        raise ConflictError("The agreement is not over; it expires by itself after its last day. Nothing was changed.")
    assert end.agreed_at is not None, "checked above"
    return dissolve_agreement(uow, contract_id, int(end.agreed_at.timestamp()), REASON)


def _check_filing(uow: UnitOfWork, agreement: StoredObject, filing: ContractFiling) -> None:
    document = agreement.document
    rule, scope = parse_strategy(filing.strategy)
    [policy] = disclosed_of(agreement).read_policies()
    agreed = policy.scope
    is_about = (scope.product_id, scope.provider_node) == (agreed.product_id, agreed.provider_node)
    is_between = scope.consumer_node in ("", agreed.consumer_node)
    if filing.name != document["disclosed"]["name"] or not is_about or not is_between:
        raise InputError("Name, product or nodes are not those of the agreement. Nothing was changed.")
    if rule not in policy.permissions:  # a strategy does not say its kind, and what B.4 agrees on is a permission
        raise InputError("The agreement has no permission that says what strategy says. Nothing was changed.")
    codes = [code for code, _ in filing.signatories]
    if sorted(codes) != sorted((document["provider"], document["consumer"])):
        raise InputError("signatoryEntities has each party of the agreement once. Nothing was changed.")
    abstract = contract_abstract(agreement.object_id, filing.name, rule, scope)
    for code, signature in filing.signatories:
        signed_by_body(uow, code, CONTRACT, abstract, signature)


def _check_end(agreement: StoredObject, end: ContractEnd) -> None:
    scheduled = int(end.scheduled_at.timestamp())
    is_scheduled = scheduled == act_of_agreement(agreement).valid_until
    if end.name != agreement.document["disclosed"]["name"] or not is_scheduled:
        raise InputError("contractName or scheduledEndTime is not that of the agreement. Nothing was changed.")
    if end.terminate_type not in (EARLY, AT_EXPIRY):
        raise InputError("erminateType is 01 or 02. Nothing was changed.")
    if (end.terminate_type == EARLY) != (end.agreed_at is not None):
        raise InputError("agreedEndTime is stated with an early end, and with no other. Nothing was changed.")
