"""Cases of the ids and hashes that the contracts of the suite compute: arguments by the names of the contract, and the value.

``act_vectors.py`` writes them; the values are spread as those of the acts.
"""

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Annotated, Any

from spread_values import CASES, hexed, make_struct, to_json

from ledger.domain.acts.kinds import BasisKind, Component
from ledger.domain.acts.orders import Order
from ledger.domain.acts.settlement_rules import PeriodWeights, Rule
from ledger.domain.hashes.agreements import BookingTerms, LineKey, booking_terms_hash, line_id, statement_id, stream_id
from ledger.domain.hashes.disputes import dispute_id
from ledger.domain.hashes.lines import (
    Line,
    StatementRange,
    content_hash,
    first_lines_digest,
    next_lines_digest,
    recipients_hash,
    statement_ranges_hash,
)
from ledger.domain.hashes.orders import order_hash
from ledger.domain.hashes.payouts import account_id, claim_id
from ledger.domain.hashes.rules import rule_version, weights_hash, weights_id
from ledger.domain.hashes.tables import Proposal, objection_id, proposal_hash
from ledger.domain.typed_acts import (
    Address,
    Bytes3,
    Bytes28,
    Bytes32,
    SolidityType,
    Struct,
    Uint16,
    Uint32,
    Uint64,
    Uint256,
)

Maker = Callable[..., bytes]
LINE = {
    "key": LineKey,
    "table_id": Uint32,
    "table_version": Uint16,
    "basis": Annotated[BasisKind, SolidityType("uint8")],
    "basis_hash": Bytes32,
    "weights_revision": Uint16,
    "gross": Uint64,
    "corrects": Bytes32,
    "base_gross": Uint64,
}
WEIGHTS = {
    "agreement_id": Bytes32,
    "component": Annotated[Component, SolidityType("uint8")],
    "period": Uint32,
    "revision": Uint16,
}
BOOKING = {"line": Bytes32, "table_id": Uint32, "table_version": Uint16, "objector": Bytes32}

OF_STRUCTS: dict[str, tuple[type[Struct], Maker]] = {
    "lineId": (LineKey, line_id),
    "bookingTermsHash": (BookingTerms, booking_terms_hash),
    "weightsHash": (PeriodWeights, weights_hash),
    "orderHash": (Order, order_hash),
    "proposalHash": (Proposal, proposal_hash),
}
"""Hashes of one struct."""

OF_ARGUMENTS: dict[str, tuple[dict[str, Any], Maker]] = {
    "streamId": ({"agreement_id": Bytes32, "connector_id": Bytes32}, stream_id),
    "statementId": ({"stream": Bytes32, "index": Uint64}, statement_id),
    "ruleVersion": ({"rule": Rule, "chain_id": Uint256, "settlement_rules": Address}, rule_version),
    "weightsId": (WEIGHTS, weights_id),
    "disputeId": ({"agreement_id": Bytes32, "opener": Bytes32, "nonce": Uint256}, dispute_id),
    "statementRangesHash": ({"ranges": tuple[StatementRange, ...]}, statement_ranges_hash),
    "recipientsHash": ({"recipients": tuple[Bytes32, ...]}, recipients_hash),
    "contentHash": (
        {**LINE, "recipients": tuple[Bytes32, ...]},
        lambda *, recipients, **line: content_hash(Line(**line), recipients),
    ),
    "firstLinesDigest": ({"table_id": Uint32}, first_lines_digest),
    "nextLinesDigest": ({"lines_digest": Bytes28, "line": Bytes32, "content": Bytes28}, next_lines_digest),
    "objectionId": (BOOKING, objection_id),
    "claimId": ({"table_id": Uint32, "payee": Bytes32, "currency": Bytes3}, claim_id),
    "accountId": ({"payee": Bytes32, "version": Uint32, "account_digest": Bytes32}, account_id),
}
"""Hashes of several values: their names and types in Python."""


def hash_cases() -> list[dict[str, Any]]:
    """Every kind of hash in every case."""
    made = []
    for case in CASES:
        for kind, (struct, maker) in OF_STRUCTS.items():
            value = make_struct(struct, f"{kind} {case}", case)
            made.append(_case(kind, case, value, maker(value)))
        for kind, (arguments, maker) in OF_ARGUMENTS.items():
            value = make_struct(
                make_dataclass(kind, arguments.items(), bases=(Struct,), frozen=True), f"{kind} {case}", case
            )
            made.append(
                _case(kind, case, value, maker(**{field.name: getattr(value, field.name) for field in fields(value)}))
            )  # type: ignore[arg-type]
    return made


def _case(kind: str, case: str, value: Struct, made: bytes) -> dict[str, Any]:
    return {"name": f"{kind} {case}", "kind": kind, "fields": to_json(value), "value": hexed(made)}
