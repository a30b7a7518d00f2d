"""Generated bindings, decoding of the suite's events, and what each of them changes."""

import json
from dataclasses import fields

import pytest
from support.suite_chain import (
    DISPUTES,
    RECEIPTS,
    STREAM,
    SUITE,
    SuiteChain,
    answered,
    claimed,
    encode_log,
    opened,
    words,
)

from ledger.adapters.chain.abi import AbiStruct, decode_event, encode_call, to_json
from ledger.adapters.chain.bindings import delivery_receipts as receipts
from ledger.adapters.chain.bindings import disputes, distribution_tables, payouts, settlement_rules
from ledger.adapters.chain.bindings.shared import AuthorityUpdated, PartySignature, PartySigned
from ledger.adapters.chain.contract_objects import RULES, changes_of
from ledger.adapters.chain.suite_events import BINDINGS, SuiteEvent, UnknownEvent, decode_log, decode_revert, read_suite
from ledger.errors import SettingsError
from ledger.log.typed_data import keccak256

EVENTS = [event for module in BINDINGS.values() for event in module.EVENTS]


def example(kind, part=None):
    """Some value of an ABI type, none of which is zero."""
    if kind.endswith("[]"):
        return (example(kind[:-2], part), example(kind[:-2], part))
    if part is not None and issubclass(part, AbiStruct):
        return part(*(example(item.kind, item.part) for item in part.FIELDS))
    if part is not None:
        return part(1)
    if kind == "address":
        return bytes(range(20))
    if kind.startswith("bytes"):
        return bytes(range(1, int(kind[5:]) + 1)) if kind != "bytes" else b"some bytes"
    return {"bool": True, "string": "text"}.get(kind, -5 if kind.startswith("int") else 7)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event.__module__.rpartition('.')[2]}.{event.__name__}")
def test_every_event_as_logged_is_decoded_to_itself(event):
    value = event(*(example(item.kind, item.part) for item in event.FIELDS))
    topics, data = encode_log(value)
    assert topics[0] == event.TOPIC
    assert decode_event(event, topics[1:], data) == value
    json.dumps(to_json(value))
    with pytest.raises(ValueError, match="topics"):
        decode_event(event, [*topics[1:], topics[0]], data)


def test_topics_and_selectors_are_those_of_solidity():
    assert keccak256(b"GapVoided(bytes32,uint64,uint64,bytes32)") == receipts.GapVoided.TOPIC
    assert keccak256(b"DeliveryReceiptsGap(bytes32,uint64,uint64)")[:4] == receipts.DeliveryReceiptsGap.SELECTOR
    data = receipts.encode_lapse(stream_id=STREAM, index=3)
    assert data == keccak256(b"lapse(bytes32,uint64)")[:4] + STREAM + (3).to_bytes(32, "big")


def test_call_with_structs_is_what_eth_abi_encodes():
    from eth_abi.abi import encode  # noqa: PLC0415  the reference, apart from the code under test

    claim = receipts.UsageClaim(STREAM, 1, 2, 3, 4, 5, 6, keccak256(b"batches"), 202701)
    party = PartySignature(keccak256(b"body"), bytes(range(20)), bytes(32), 2_000_000_000, b"\x01" * 65)
    call = receipts.encode_state(claim=claim, provider=party)
    types = [
        "(bytes32,uint64,uint64,uint64,uint64,uint64,uint64,bytes32,uint32)",
        "(bytes32,address,bytes32,uint256,bytes)",
    ]
    signature = f"state({','.join(types)})".encode()
    assert call == keccak256(signature)[:4] + encode(types, [words(claim), words(party)])


def test_answers_become_structs_enums_and_tuples():
    from eth_abi.abi import encode  # noqa: PLC0415  the reference, apart from the code under test

    answer = encode(["(bytes32,uint8,uint48,uint64,uint64)"], [(STREAM, 2, 9, 8, 7)])
    statement = receipts.decode_statement_of(answer)
    assert statement == receipts.Statement(STREAM, receipts.StatementStatus.ACKNOWLEDGED, 9, 8, 7)
    assert receipts.decode_contested_units(STREAM + (5).to_bytes(32, "big")) == (STREAM, 5)
    with pytest.raises(ValueError, match="ABI"):
        receipts.decode_contested_units(b"")


def test_value_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="fit"):
        receipts.encode_lapse(stream_id=STREAM, index=2**64)
    assert encode_call(b"\x01\x02\x03\x04", (), ()) == b"\x01\x02\x03\x04"


def test_log_of_the_suite_is_decoded_with_its_place():
    chain = SuiteChain()
    block = chain.mine(opened(), claimed(0))
    found = decode_log(SUITE, block.logs[1])
    assert found is not None
    assert found.event == claimed(0)
    assert (found.contract, found.address, found.name) == ("DeliveryReceipts", RECEIPTS, "UsageClaimed")
    assert (found.block_number, found.block_hash, found.log_index) == (1, block.link.block_hash, 1)


def test_log_of_a_stranger_is_none_and_one_of_another_contract_is_unknown():
    log = SuiteChain().mine(opened()).logs[0]
    assert decode_log(SUITE, {**log, "address": "0x" + bytes(20).hex()}) is None
    unknown = decode_log(SUITE, {**log, "address": "0x" + DISPUTES.hex()})
    assert unknown is not None
    assert isinstance(unknown.event, UnknownEvent)
    assert unknown.name == ""
    assert changes_of(unknown) == []
    with pytest.raises(ValueError, match="ABI"):
        decode_log(SUITE, {**log, "data": "0x"})


def test_revert_is_decoded_whichever_contract_it_came_from():
    data = settlement_rules.RuleRetired.TOPIC[:4]
    assert decode_revert(data) is None
    error = disputes.DisputesWrongAward
    assert decode_revert(error.SELECTOR + bytes(31) + b"\x05" + bytes(32)) == error(5, 0)


def test_every_event_says_what_it_changes():
    assert set(RULES) == set(EVENTS)
    assert {event for event, rules in RULES.items() if not rules} == {AuthorityUpdated, PartySigned}
    for event in set(EVENTS) - {AuthorityUpdated, PartySigned}:
        value = event(*(example(item.kind, item.part) for item in event.FIELDS))
        changes = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 0, value))
        assert changes
        assert [change.place for change in changes] == list(range(len(changes)))
        for change in changes:
            assert change.object_id
            assert change.members


def test_statement_changes_itself_and_its_stream():
    statement, stream = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 0, claimed(4)))
    assert statement.kind == "statement"
    assert statement.members["status"] == "claimed"
    assert statement.members["units"] == 500
    assert (stream.kind, stream.members) == ("stream", {"next_sequence": 50, "last_index": 4})
    (answer,) = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 0, answered(4, 500)))
    assert answer.object_id == statement.object_id
    assert answer.members["status"] == "acknowledged"


def test_correction_changes_the_gross_of_the_line_that_it_corrects():
    line, correction = keccak256(b"line"), keccak256(b"correction")
    final = distribution_tables.LineFinalized(line, 1, 1)
    (finality,) = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 0, final))
    corrected = distribution_tables.LineCorrected(line, correction, 400)
    (change,) = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 1, corrected))
    assert (change.kind, change.object_id) == (finality.kind, finality.object_id)
    assert change.members == {"current_gross": 400}


def test_set_off_changes_the_claim_and_what_is_owed():
    claim, payee = keccak256(b"claim"), keccak256(b"payee")
    taken = payouts.ClaimSetOff(claim, payee, 150, payouts.Claim(600, 0, 0, 0), 30)
    (change,) = changes_of(SuiteEvent("X", bytes(20), 1, bytes(32), bytes(32), 0, taken))
    assert (change.kind, change.object_id) == ("claim", "0x" + claim.hex())
    assert (change.members["finalized"], change.members["owed"]) == (600, 30)


def test_json_keeps_what_json_numbers_lose():
    assert to_json((2**53, 2**53 + 1, True, b"\x01", None)) == [2**53, str(2**53 + 1), True, "0x01", None]
    assert [field.name for field in fields(receipts.Stream)][-1] == "is_open"


def test_manifest_names_the_suite(tmp_path):
    path = tmp_path / "manifest.json"
    listed = [
        {"name": "Council", "address": "0x" + "11" * 20, "block_number": 1},
        {"name": "Disputes", "address": "0x" + "22" * 20, "block_number": 9},
        {"name": "DeliveryReceipts", "address": "0x" + "33" * 20, "block_number": 7},
    ]
    path.write_text(json.dumps({"contracts": listed}))
    suite = read_suite(path)
    assert suite.contracts == {bytes.fromhex("22" * 20): "Disputes", bytes.fromhex("33" * 20): "DeliveryReceipts"}
    assert suite.first_block == 7
    path.write_text(json.dumps({"contracts": listed[:2]}))
    assert read_suite(path).digest != suite.digest


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"contracts":[]}', '{"contracts":[{"name":"Disputes"}]}'])
def test_anything_else_is_no_manifest(tmp_path, content):
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"manifest\.json"):
        read_suite(path)
    with pytest.raises(SettingsError, match="nowhere"):
        read_suite(tmp_path / "nowhere.json")
