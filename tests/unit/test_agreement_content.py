"""What an agreement states, and the one digest over both of its parts."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.agreements import BANK, CONFIDENTIAL, PROVIDER_NODE, agreement_policy, disclosed

from ledger.bundle.agreement_digest import (
    CONFIDENTIAL as CONFIDENTIAL_PART,
)
from ledger.bundle.agreement_digest import (
    AgreementSalts,
    agreement_digest,
    agreement_leaves,
    encode_agreement_opening,
    parse_agreement_opening,
    verify_agreement_opening,
    withhold,
)
from ledger.domain.agreement import ContradictoryPolicyError, DisclosedPart, check_confidential
from ledger.domain.records import from_json, to_json
from ledger.domain.working_days import SHANGHAI
from ledger.errors import InputError, MalformedEvidenceError, MisuseError, RootMismatchError

SALTS = AgreementSalts(bytes(range(32)), bytes(range(32, 64)))
LEAVES = agreement_leaves(disclosed(), CONFIDENTIAL, SALTS)
DIGEST = agreement_digest(LEAVES)


def stated(**members: Any) -> DisclosedPart:
    return from_json(DisclosedPart, disclosed(**members))


def without_party(number: int) -> list[Any]:
    return [party for place, party in enumerate(disclosed()["parties"]) if place != number]


def test_disclosed_part_is_read_and_written_back() -> None:
    assert from_json(DisclosedPart, to_json(stated())) == stated()
    assert stated().find_contradictions() == ()
    stated().check_signable()


BAD = {
    "no user": {"parties": without_party(1)},
    "two providers": {"parties": [*disclosed()["parties"], disclosed()["parties"][0]]},
    "no item": {"items": []},
    "item twice": {"items": disclosed()["items"] * 2},
    "no policy": {"policies": []},
    "policy of another product": {"policies": [agreement_policy(target="x")]},
    "policy of another node": {"policies": [agreement_policy(assignee=PROVIDER_NODE)]},
    "an offer": {"policies": [agreement_policy(**{"@type": "Offer"})]},
    "an unknown action": {"policies": [agreement_policy(permission=[{"action": "export"}])]},
    "ends before it begins": {"valid_until": "2026-12-31"},
    "no day": {"valid_from": "2027-02-30"},
    "a moment": {"valid_from": "2027-01-01T00:00:00Z"},
    "short digest": {"rule_version": "ab"},
    "other pay basis": {"pay_basis": "sometimes"},
    "third mode": {"sign_mode": "03"},
    "no liability": {"breach_liability": ""},
    "member too many": {"secret": "x"},
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_disclosed_part_that_is_incomplete_or_contradicts_itself_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        stated(**BAD[name])


def test_contradictory_policy_is_refused_before_signing_with_its_rules() -> None:
    part = stated(policies=[agreement_policy(prohibition=[{"action": "use"}])])

    with pytest.raises(ContradictoryPolicyError) as refused:
        part.check_signable()
    assert refused.value.facts["places"][:2] == ["policies[0].permission[0]", "policies[0].prohibition[0]"]


def test_validity_is_whole_days_in_shanghai() -> None:
    part = stated(valid_from="2027-01-01", valid_until="2027-01-01")
    moments = ["2026-12-31T23:59:59", "2027-01-01T00:00:00", "2027-01-01T23:59:59", "2027-01-02T00:00:00"]
    answers = [part.covers(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)) for moment in moments]
    assert answers == [False, True, True, False]


@pytest.mark.parametrize("part", [{}, {"a": ""}, {"A": "x"}, {"a": 1}, {f"t{number}": "x" for number in range(51)}])
def test_confidential_part_that_is_none_is_refused(part: Any) -> None:
    with pytest.raises(InputError):
        check_confidential(part)


def test_digest_is_what_an_outsider_computes_from_the_words_of_the_module() -> None:
    salts = {"disclosed": bytes(range(32)), "confidential": bytes(range(32, 64))}
    content = {"disclosed": {"b": [1, {"c": True}], "a/~": {}}, "confidential": {"x": "密"}}
    # what the module calls leaves, written out by hand: scalars and empty containers, sorted by pointer
    values = [
        ("/confidential/x", '"密"'),
        ("/disclosed/a~1~0", "{}"),
        ("/disclosed/b/0", "1"),
        ("/disclosed/b/1/c", "true"),
    ]
    hashes = []
    for pointer, value in values:
        part = salts[pointer.split("/")[1]]
        salt = hmac.new(part, b"cityledger/v1/agreement-field\n" + pointer.encode(), hashlib.sha256).hexdigest()
        leaf = f'["{salt}",{json.dumps(pointer)},{value}]'
        hashes.append(hashlib.sha256(b"\x00" + leaf.encode()).digest())
    left, right = (hashlib.sha256(b"\x01" + hashes[at] + hashes[at + 1]).digest() for at in (0, 2))
    root = hashlib.sha256(b"\x01" + left + right).digest()
    expected = hashlib.sha256(b"cityledger/v1/agreement\n" + (4).to_bytes(8, "big") + root).digest()

    made = agreement_leaves(content["disclosed"], content["confidential"], AgreementSalts(*salts.values()))
    assert agreement_digest(made) == expected


def test_platform_checks_the_disclosed_part_without_any_word_of_the_other() -> None:
    opening = encode_agreement_opening(withhold(LEAVES, CONFIDENTIAL_PART))
    text = json.dumps(opening, ensure_ascii=False)

    shown = verify_agreement_opening(parse_agreement_opening(opening), DIGEST)
    assert shown["/disclosed/parties/1/entity_id"] == BANK
    assert not any(pointer.startswith(CONFIDENTIAL_PART) for pointer in shown)
    assert not any(word in text for word in (*CONFIDENTIAL, *CONFIDENTIAL.values()))
    assert SALTS.confidential.hex() not in text


def test_salt_of_one_part_opens_nothing_of_the_other() -> None:
    other = agreement_leaves(disclosed(), CONFIDENTIAL, AgreementSalts(SALTS.disclosed, bytes(32)))
    pairs = [(ours, theirs) for ours, theirs in zip(LEAVES, other, strict=True) if ours.salt != theirs.salt]
    assert {ours.pointer for ours, _ in pairs} == {f"{CONFIDENTIAL_PART}{name}" for name in CONFIDENTIAL}


@settings(max_examples=40)
@given(st.data())
def test_opening_with_anything_changed_is_refused(data: st.DataObject) -> None:
    opening = encode_agreement_opening(LEAVES)
    number = data.draw(st.integers(0, len(opening) - 1))
    leaf: Any = list(opening[number])  # type: ignore[arg-type]
    change = data.draw(st.sampled_from(["salt", "pointer", "value", "drop", "withhold wrongly"]))
    if change == "salt":
        leaf[0] = ("0" if leaf[0][0] != "0" else "1") + leaf[0][1:]
    elif change == "pointer":
        leaf[1] += "x"
    elif change == "value":
        leaf[2] = [] if leaf[2] != [] else {}
    changed = {"drop": [], "withhold wrongly": ["00" * 32]}.get(change, [leaf])
    with pytest.raises((RootMismatchError, MalformedEvidenceError)):
        verify_agreement_opening(parse_agreement_opening([*opening[:number], *changed, *opening[number + 1 :]]), DIGEST)


@pytest.mark.parametrize("opening", [None, [], {}, ["zz"], [["00" * 32, "/a"]], [["00" * 32, "/a", {"b": 1}]], [1]])
def test_opening_that_is_none_is_refused(opening: Any) -> None:
    with pytest.raises(MalformedEvidenceError):
        parse_agreement_opening(opening)


@pytest.mark.parametrize("salts", [(b"", bytes(32)), (bytes(32), bytes(32))])
def test_salts_that_do_not_hide_are_misuse(salts: tuple[bytes, bytes]) -> None:
    with pytest.raises(MisuseError):
        AgreementSalts(*salts)
