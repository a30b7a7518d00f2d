"""Computed ids and hashes: the vectors are Solidity's ABI by an independent encoder, and every function has its vectors."""

import inspect
import json
import pkgutil
from importlib import import_module
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils import keccak
from support.formats import VECTORS

from ledger.domain import hashes
from ledger.domain.acts.digital_contract_registry import Agreement, ComponentTerms
from ledger.domain.acts.kinds import BasisKind, Component, PayBasis
from ledger.domain.hashes.agreements import LineKey, booking_terms_of
from ledger.domain.hashes.lines import Line, encode_line, settlement_line
from ledger.domain.hashes.tables import Proposal, distribution_table
from ledger.domain.typed_acts import encode_words
from ledger.errors import MalformedEvidenceError

CASES = json.loads((VECTORS / "acts" / "hashes.json").read_text())["hashes"]
KEY = "bytes32,uint8,uint32,bytes3,uint16"
LINE = f"({KEY}),uint32,uint16,uint8,bytes32,uint16,uint64,bytes32,uint64"
TYPES = {
    "lineId": f"line:{KEY}",
    "streamId": "stream:bytes32,bytes32",
    "statementId": "statement:bytes32,uint64",
    "bookingTermsHash": "(bytes32,bytes32,bool,uint8,bool,uint64,bytes3,bytes32)",
    "weightsId": "weights:bytes32,uint8,uint32,uint16",
    "disputeId": "dispute:bytes32,bytes32,uint256",
    "orderHash": "(bytes32,uint8,bytes32,uint32,bytes32,bytes32,bytes32,uint64,bytes32,bytes32,uint64)",
    "statementRangesHash": "(bytes32,uint64,uint64)[]",
    "recipientsHash": "bytes32[]",
    "firstLinesDigest": "uint32",
    "nextLinesDigest": "bytes28,bytes32,bytes28",
    "proposalHash": "(uint32,uint16,uint16,bytes28,uint32,bytes32)",
    "objectionId": "objection:bytes32,uint32,uint16,bytes32",
    "claimId": "claim:uint32,bytes32,bytes3",
    "accountId": "account:bytes32,uint32,bytes32",
}
OTHERS = {"ruleVersion", "weightsHash", "contentHash"}
"""Kinds whose encoding is more than their fields in order."""


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(plain(item) for item in value.values())
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool):
        return value
    return bytes.fromhex(value[2:]) if value.startswith("0x") else int(value)


def encoded(kinds: str, values: tuple[Any, ...]) -> bytes:
    """The hash of a domain, if there is one, and the values, by eth-abi."""
    domain, _, kinds = kinds.rpartition(":")
    prefix = keccak(f"cityledger/v1/{domain}".encode()) if domain else b""
    if kinds.startswith("(") and not kinds.endswith("[]"):
        values = (values,)
    types = [kinds] if kinds.startswith("(") else kinds.split(",")
    return keccak(prefix + encode(types, values))


def by_kind(kind: str) -> list[dict[str, Any]]:
    return [case for case in CASES if case["kind"] == kind]


def expected(case: dict[str, Any]) -> bytes:
    kind, values = case["kind"], plain(case["fields"])
    if kind in TYPES:
        return encoded(TYPES[kind], values)
    if kind == "ruleVersion":
        (formula, filing, text, *bounds, period), chain_id, rules = values
        weights = (*bounds[::2], *bounds[1::2])
        types = ["bytes32", "uint256", "address", *["bytes32"] * 3, *["uint32"] * 7]
        domain = keccak(b"cityledger/v1/rule")
        return keccak(encode(types, [domain, chain_id, "0x" + rules.hex(), formula, filing, text, *weights, period]))
    if kind == "weightsHash":
        *_, rule, component, public, enterprise, personal, shares, _ = values
        shares_hash = keccak(b"".join(share.to_bytes(32, "big") for share in shares))
        types = ["bytes32", "bytes32", *["uint32"] * 3, "bytes32"]
        return keccak(encode(types, [rule, component, public, enterprise, personal, shares_hash]))
    *line, recipients = values
    recipients_hash = keccak(encode(["bytes32[]"], [recipients]))
    return keccak(encode([f"({LINE})", "bytes32"], [tuple(line), recipients_hash]))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_hash_is_that_of_an_independent_encoder(case: dict[str, Any]) -> None:
    value = bytes.fromhex(case["value"][2:])
    assert len(value) in {28, 32}
    assert expected(case)[: len(value)] == value


def test_every_kind_has_three_cases() -> None:
    assert {case["kind"] for case in CASES} == set(TYPES) | OTHERS
    assert {len(by_kind(kind)) for kind in set(TYPES) | OTHERS} == {3}


def test_every_function_that_makes_an_id_or_hash_has_vectors() -> None:
    made = set()
    for module in pkgutil.iter_modules(hashes.__path__):
        if module.name != "words":
            found = vars(import_module(f"ledger.domain.hashes.{module.name}"))
            ours = {name for name, item in found.items() if inspect.isfunction(item)}
            made |= {name for name in ours if name.endswith(("_id", "_hash", "_digest", "_version"))}
    assert {_camel(name) for name in made} == {case["kind"] for case in CASES}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def test_acts_are_built_of_what_the_contracts_are_called_with() -> None:
    component = ComponentTerms(Component.USAGE_SHARE, 1, b"CNY", 7, 0, 202601, 202612, ())
    ids = [bytes([n]) * 32 for n in range(10)]
    agreement = Agreement(
        *(ids[1], ids[2], ids[3], 1, (ids[4], ids[5]), ids[6], ids[7], ids[8]),
        *(True, 60, PayBasis.ACCRUED, 1, 2, ids[0], (component,)),
    )
    terms = booking_terms_of(agreement, is_public=True, ceiling_unit_price=9, ceiling_currency=b"CNY")
    assert (terms.rule_version, terms.price_rule_digest) == (ids[7], ids[8])
    assert (terms.silence_accepts, terms.pay_basis, terms.is_public, terms.ceiling_unit_price) == (True, 1, True, 9)
    assert terms.components_hash == agreement.components_hash
    line = Line(
        LineKey(ids[1], Component.USAGE_SHARE, 202601, b"CNY", 3), 4, 5, BasisKind.RULING, ids[9], 6, 70, ids[2], 80
    )
    act = settlement_line(line, terms)
    # the contract encodes table and version before the key, and the terms last
    table, key, rest = encode_words(act)[:64], encode_words(act)[64 : 7 * 32], encode_words(act)[7 * 32 : 13 * 32]
    assert key + table + rest == encode_line(line)
    assert encode_words(act)[13 * 32 :] == encode_words(terms)[: 4 * 32]
    proposal = Proposal(4, 5, 6, bytes(28), 7, ids[3])
    table_act = distribution_table(proposal, 202601, b"CNY")
    assert (table_act.period, table_act.currency) == (202601, b"CNY")
    assert [getattr(table_act, name) for name in vars(proposal)] == list(vars(proposal).values())


def test_number_beyond_its_type_is_refused() -> None:
    with pytest.raises(MalformedEvidenceError, match=r"2\^16"):
        encode_line(
            Line(LineKey(bytes(32), Component.BASE_FEE, 1, b"CNY", 0), 1, 1, BasisKind.SCHEDULE, bytes(32), 1 << 16, 1)
        )
