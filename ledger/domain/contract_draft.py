"""A contract as the six interfaces of TC609-6-2025-14 annex B begin it: created with an id, negotiated in rounds, then an agreement. Pure.

Table B.3 sends no policy, product or counterpart; they come with B.4. The draft has the id that the agreement will have. Its status code is
that of the Dataspace Protocol state that says the same (``ledger.domain.agreement_status``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ledger.domain.agreement import SignMode
from ledger.domain.agreement_status import AgreementStatus, NegotiationState, status_of_negotiation
from ledger.domain.code_list import parse_listed
from ledger.domain.codes import CodeKind, parse_national_code
from ledger.domain.policies.model import Rule, Scope
from ledger.domain.policies.national import encode_strategy
from ledger.domain.subject_code import parse_subject_code
from ledger.domain.transitions import TransitionTable
from ledger.errors import InputError

KIND: Final = "contract_draft"
LIFE: Final = TransitionTable(
    KIND,
    "created",
    {
        ("created", "propose"): "negotiating",
        ("negotiating", "propose"): "negotiating",
        ("negotiating", "agree"): "agreed",
        ("agreed", "sign"): "agreed",
        ("agreed", "adopt"): "adopted",
        **{(state, "give_up"): "given_up" for state in ("created", "negotiating", "agreed")},
    },
)
"""One side proposes, the other proposes otherwise or the same, and with the same it is agreed. An agreement under its id adopts it."""

ROUNDS_MAX: Final = 50
CLOCKS_OFF: Final = timedelta(minutes=5)
"""How far the creator's clock may be from ours: the time of creation is part of the id."""


@dataclass(frozen=True, slots=True)
class ContractCreation:
    """Table B.3 without its signature; times are aware.

    Args:
        name: ``contractName``, 1 to 128 characters.
        abstract: ``contractAbstract``, 1 to 1,024 characters.
        issued_at: ``issueTime``.
        activated_at: ``activationTime``.
        ends_at: ``endTime``.
        sign_mode: ``01`` or ``02``.
        issuer_node: ``issuerId``, of a connector or business node.
        issuer: ``issuerEntityId``, subject code.
    """

    name: str
    abstract: str
    issued_at: datetime
    activated_at: datetime
    ends_at: datetime
    sign_mode: str
    issuer_node: str
    issuer: str

    def __post_init__(self) -> None:
        parse_listed(SignMode, self.sign_mode)
        parse_subject_code(self.issuer)
        parse_national_code(self.issuer_node, CodeKind.CONNECTOR, CodeKind.BUSINESS_NODE)
        rules = (
            ("contractName has 1 to 128 characters.", 1 <= len(self.name.strip()) <= len(self.name) <= 128),
            (
                "contractAbstract has 1 to 1024 characters.",
                1 <= len(self.abstract.strip()) <= len(self.abstract) <= 1_024,
            ),
            ("endTime is after activationTime.", self.activated_at < self.ends_at),
        )
        for says, holds in rules:
            if not holds:
                raise InputError(f"{says} Nothing was changed.")


def contract_abstract(contract_id: str, name: str, rule: Rule, scope: Scope) -> dict[str, Any]:
    """What is signed of a contract at B.4 and B.5: its id, its name, and what it says.

    Without the names and the owner, which only one of the two tables has (disagreement D24).
    """
    bare = Scope(product_id=scope.product_id, provider_node=scope.provider_node, consumer_node=scope.consumer_node)
    return {"contractId": contract_id, "contractName": name, "strategy": encode_strategy(rule, bare)}


def status_of_draft(state: str, document: Mapping[str, Any]) -> AgreementStatus:
    """``contractStatus`` of a draft that no agreement has adopted."""
    if state == "given_up":
        was = NegotiationState.AGREED if document["agreed_at"] is not None else NegotiationState.REQUESTED
        return status_of_negotiation(NegotiationState.TERMINATED, terminated_from=was)
    if state == "created":
        return status_of_negotiation(NegotiationState.REQUESTED, is_first_message=True)
    return status_of_negotiation(NegotiationState.OFFERED if state == "negotiating" else NegotiationState.AGREED)
