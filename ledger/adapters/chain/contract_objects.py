"""What each event of the suite changes: the read model is the sum of these changes, and of nothing else. Pure.

An object is named by contract, kind and id; its state is a JSON object. An event sets some of its members and never reads it, so the
state after any list of events is those members laid over each other in the order of the chain. That makes an event undone as exactly
as it was done: by laying the remaining ones over each other again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.adapters.chain.abi import AbiEvent, to_json
from ledger.adapters.chain.bindings import delivery_receipts as receipts
from ledger.adapters.chain.bindings import digital_contract_registry as agreements
from ledger.adapters.chain.bindings import directory, disputes, orders, payouts
from ledger.adapters.chain.bindings import distribution_tables as tables
from ledger.adapters.chain.bindings import participant_registry as participants
from ledger.adapters.chain.bindings import product_registry as products
from ledger.adapters.chain.bindings import revenue_settlement as book
from ledger.adapters.chain.bindings import settlement_rules as rules
from ledger.adapters.chain.bindings.shared import AuthorityUpdated, PartySigned
from ledger.adapters.chain.suite_events import SuiteEvent, UnknownEvent


@dataclass(frozen=True, slots=True)
class Change:
    """Members that one event sets in one object. ``place`` counts the objects of the event."""

    kind: str
    object_id: str
    place: int
    members: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """How an event changes one object.

    Attributes:
        kind: the object's kind.
        ids: the event's members that make the id; ``claim.stream_id`` is a member of a member.
        spread: a member whose own members are set instead of it.
        only: new name -> member; when given, only these are set, otherwise all that are not ids.
        sets: members with fixed values.
    """

    kind: str
    ids: tuple[str, ...]
    spread: str | None = None
    only: Mapping[str, str] | None = None
    sets: Mapping[str, Any] = field(default_factory=dict)


def _status(kind: str, status: str, *ids: str, spread: str | None = None) -> tuple[Rule, ...]:
    return (Rule(kind, ids, spread=spread, sets={"status": status}),)


_PRODUCT: Final = ("product_id", "version")
_TABLE: Final = ("table_id", "table_version")

RULES: Final[Mapping[type[AbiEvent], tuple[Rule, ...]]] = {
    PartySigned: (),  # evidence, kept with the events; it changes nothing
    AuthorityUpdated: (),  # whose manager a contract obeys: of the contract itself, which is no object
    # participants
    participants.BodyAdmitted: _status("body", "active", "body_id"),
    participants.BodySuspended: _status("body", "suspended", "body_id"),
    participants.BodyReinstated: _status("body", "active", "body_id"),
    participants.BodyLeft: _status("body", "left", "body_id"),
    participants.QualificationRecorded: (Rule("body", ("body_id",)),),
    participants.RolesChanged: (Rule("body", ("body_id",)),),
    participants.KeyAdded: _status("key", "valid", "body_id", "key"),
    participants.KeyRevoked: _status("key", "revoked", "body_id", "key"),
    participants.ActCounted: (Rule("act_count", ("body_id", "signer")),),
    # products
    products.ProductRegistered: _status("product_version", "registered", *_PRODUCT),
    products.ProductReviewed: (Rule("product_version", _PRODUCT),),
    products.ProductFiled: _status("product_version", "filed", *_PRODUCT),
    products.ProductStatusChanged: (Rule("product_version", _PRODUCT),),
    products.ProductFreezeChanged: (Rule("product", ("product_id",)),),
    # orders and agreements
    orders.OrderPlaced: _status("order", "placed", "order_id", spread="order"),
    orders.OrderConfirmed: _status("order", "confirmed", "order_id"),
    orders.OrderContracted: _status("order", "contracted", "order_id"),
    orders.OrderClosed: (Rule("order", ("order_id",)),),
    agreements.AgreementConcluded: _status("agreement", "concluded", "agreement_id", spread="agreement"),
    agreements.AgreementFiled: _status("agreement", "filed", "agreement_id"),
    agreements.AgreementTerminated: _status("agreement", "terminated", "agreement_id"),
    # usage
    receipts.StreamOpened: (
        Rule("stream", ("stream_id",), sets={"statements": 0}),
        Rule("stream", ("stream_id",), only={"next_sequence": "first_sequence"}),
    ),
    receipts.UsageClaimed: (
        Rule("statement", ("statement_id",), spread="claim", sets={"status": "claimed", "accepted_units": 0}),
        Rule("stream", ("stream_id",), only={"next_sequence": "claim.next_sequence", "last_index": "index"}),
    ),
    receipts.StatementAnswered: (Rule("statement", ("statement_id",)),),
    receipts.GapVoided: (Rule("stream", ("stream_id",), only={"next_sequence": "next_sequence"}),),
    # disputes
    disputes.DisputeOpened: _status("dispute", "open", "dispute_id", spread="dispute_case"),
    disputes.FreezeExtended: (Rule("dispute", ("dispute_id",)),),
    disputes.DisputeResolved: (Rule("dispute", ("dispute_id",)),),
    disputes.DisputeWithdrawn: _status("dispute", "withdrawn", "dispute_id"),
    # rules and weights
    rules.RuleApproved: _status("rule", "approved", "rule_version", spread="content"),
    rules.RuleRetired: _status("rule", "retired", "rule_version"),
    rules.PeriodWeightsSigned: (Rule("weights", ("weights_id",), spread="weights"),),
    # tables and lines
    book.TableOpened: (Rule("table", ("table_id",)),),
    book.LineBooked: (Rule("booking", ("line_id", "line.table_id", "line.table_version"), spread="line"),),
    tables.TableProposed: _status("table_version", "proposed", *_TABLE, spread="proposal"),
    tables.TableSigned: _status("table_version", "signed", *_TABLE),
    tables.TablePublished: (
        Rule("publication", (*_TABLE, "by")),
        Rule("table_version", _TABLE, only={"window_ends": "window_ends"}),
    ),
    tables.LineFinalized: (Rule("finality", ("line_id",)),),
    tables.LineCorrected: (Rule("finality", ("line_id",), only={"current_gross": "current_gross"}),),
    tables.ObjectionFiled: _status("objection", "open", "objection_id", spread="objection"),
    tables.ObjectionMoved: (Rule("objection", ("objection_id",)),),
    # payouts
    payouts.ClaimCredited: (
        Rule("claim", ("claim_id",), spread="claim", only={"payee": "payee", "owed": "owed"}),
        Rule("credit", ("claim_id", "line_id"), only={"payee": "payee", "amount": "amount"}),
    ),
    payouts.ClaimSetOff: (Rule("claim", ("claim_id",), spread="claim", only={"payee": "payee", "owed": "owed"}),),
    payouts.HoldChanged: (Rule("credit", ("claim_id", "line_id")),),
    payouts.LineCollected: (Rule("collection", ("line_id",)),),
    payouts.PayeeAccountSigned: _status("account", "signed", "payee", "version"),
    payouts.PayeeAccountCancelled: _status("account", "cancelled", "payee", "version"),
    payouts.PayoutInstructed: _status("payout", "instructed", "payout_id", spread="instruction"),
    payouts.PayoutReported: (Rule("payout", ("payout_id",)),),
    payouts.RewardsFixed: (Rule("rewards", ("claim_id",), spread="rewards"),),
    # directory
    directory.ContractListed: (Rule("listing", ("name", "version")),),
}


def changes_of(suite_event: SuiteEvent) -> list[Change]:
    """What this event changes, in the order in which it is to be laid on; nothing for an unknown one."""
    event = suite_event.event
    if isinstance(event, UnknownEvent):
        return []
    values: dict[str, Any] = to_json(event)
    return [_change(rule, place, values) for place, rule in enumerate(RULES[type(event)])]


def _change(rule: Rule, place: int, values: Mapping[str, Any]) -> Change:
    object_id = "/".join(str(_member(values, name)) for name in rule.ids)
    if rule.only is None:
        members = {name: value for name, value in values.items() if name not in rule.ids and name != rule.spread}
    else:
        members = {name: _member(values, source) for name, source in rule.only.items()}
    spread = {} if rule.spread is None else values[rule.spread]
    return Change(rule.kind, object_id, place, {**spread, **members, **rule.sets})


def _member(values: Mapping[str, Any], name: str) -> Any:
    found: Any = values
    for part in name.split("."):
        found = found[part]
    return found
