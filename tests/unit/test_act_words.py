"""Every act in plain words: nothing of the project is without them, and what cannot be said is refused."""

from dataclasses import dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from support.act_samples import sample

from ledger.domain.act_explained import Statement, explain, papers_of, time_text, title_of
from ledger.domain.act_field_words import FIELD_WORDS
from ledger.domain.act_json import ACTS
from ledger.domain.act_words import ACT_WORDS, LISTED_WORDS, PURPOSE_WORDS, ROLE_WORDS, Shown
from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.domain.acts.participant_registry import Admission
from ledger.domain.acts.payouts import PayoutInstruction
from ledger.domain.acts.product_registry import ProductVersion
from ledger.domain.signing_errors import UnexplainedActError
from ledger.domain.typed_acts import Act, Struct, Uint8, field_names


def said(act: Act) -> dict[str, Statement]:
    return {statement.field: statement for statement in explain(act)}


def structs_in(kind: type[Struct]) -> set[type[Struct]]:
    hints = get_type_hints(kind, include_extras=True).values()
    inner = [get_args(hint)[0] if get_origin(hint) is tuple else hint for hint in hints]
    return {kind}.union(*(structs_in(one) for one in inner if isinstance(one, type) and issubclass(one, Struct)))


def test_every_act_has_words_and_no_others_do() -> None:
    assert set(ACT_WORDS) == set(ACTS)


def test_every_field_of_every_act_has_words_and_no_others_do() -> None:
    structs = set[type[Struct]]().union(*(structs_in(kind) for kind in ACTS.values()))
    assert {name for struct in structs for name in field_names(struct)} == set(FIELD_WORDS)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_is_said_in_both_languages(name: str) -> None:
    act = sample(name)
    statements = explain(act)
    for words in (title_of(act), *(statement.words for statement in statements)):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words.chinese)
        assert words.english.isascii() and words.english
    assert {statement.field for statement in statements} >= set(field_names(type(act)).values())


def test_every_digest_is_told_from_an_id() -> None:
    for name, words in FIELD_WORDS.items():
        is_digest = name.endswith(("_digest", "_root", "_hash"))
        assert is_digest == (words.shown is Shown.PAPER), name


def test_every_member_of_every_list_has_words() -> None:
    for listed, words in LISTED_WORDS.items():
        assert set(words) == {member.name for member in listed}
    assert (set(ROLE_WORDS), set(PURPOSE_WORDS)) == (set(BodyRole), set(KeyPurpose))


def test_amount_has_its_currency() -> None:
    pay = sample("Payouts.PayoutInstruction")
    assert isinstance(pay, PayoutInstruction)
    assert said(replace(pay, amount=1_234_567))["amount"].value == "12,345.67 CNY"
    assert said(replace(pay, amount=500, currency=b"JPY"))["amount"].value == "500 JPY"
    assert said(replace(pay, amount=500, currency=b"XXX"))["amount"].value.endswith("minor units XXX")
    assert said(replace(pay, currency=b"\x1b[2"))["currency"].value == "0x1b5b32"


def test_price_is_exact_to_the_last_millionth() -> None:
    product = sample("ProductRegistry.ProductVersion")
    assert isinstance(product, ProductVersion)
    assert said(replace(product, unit_price=2**64 - 1))["unitPrice"].value == "184,467,440,737.09551615 CNY"
    assert said(replace(product, public_weight=333_333))["publicWeight"].value == "33.3333%"


def test_time_is_that_of_shanghai_and_never_fails() -> None:
    assert time_text(1_795_000_000) == "2026-11-18 19:06:40 Asia/Shanghai"
    assert time_text(2**256 - 1).startswith("Unix ")
    assert time_text(0) == "无 none"


def test_digest_of_nothing_is_no_paper() -> None:
    act = sample("ParticipantRegistry.Admission")
    assert isinstance(act, Admission)
    bare = replace(act, profile_digest=bytes(32))
    assert [name for name, _ in papers_of(bare)] == ["qualificationDigest"]
    assert "none" in said(bare)["profileDigest"].value


def test_role_that_stands_for_nothing_is_refused() -> None:
    act = sample("ParticipantRegistry.Admission")
    assert isinstance(act, Admission)
    with pytest.raises(UnexplainedActError, match="BodyRole"):
        explain(replace(act, roles=1 << 30))


def test_field_and_act_without_words_are_refused() -> None:
    @dataclass(frozen=True)
    class Novelty(Act):
        CONTRACT = "Orders"
        new_member: Uint8

    made: Any = Novelty(1)
    with pytest.raises(UnexplainedActError, match=r"Orders\.Novelty"):
        title_of(made)
