"""The tokenizer of the catalog: words, pairs of characters, and what a query must find."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.search_terms import (
    FOLDED_CHARACTERS_MAX,
    QUERY_TERMS_MAX,
    QueryTerm,
    fold,
    terms_of_query,
    terms_of_text,
)

HAN = st.text(alphabet="数据服务许可状态查询桥々ー", min_size=1, max_size=20)
ANY_TEXT = st.text(max_size=60)


def found(text: str, query: str) -> bool:
    terms = terms_of_text(text)
    return all(
        any(term.startswith(wanted.text) for term in terms) if wanted.is_beginning else wanted.text in terms
        for wanted in terms_of_query(query)
    )


def test_chinese_text_becomes_pairs_and_the_last_character() -> None:
    assert terms_of_text("许可状态") == {"许可", "可状", "状态", "态"}


def test_words_are_folded_and_full_width_letters_are_plain() -> None:
    assert terms_of_text("\uff30ermit STATUS Straße №5") == {"permit", "status", "strasse", "no5"}
    assert terms_of_text("a_b-c/d") == {"a", "b", "c", "d"}


def test_mixed_text_keeps_words_and_pairs_apart() -> None:
    assert terms_of_text("API接口v2") == {"api", "接口", "口", "v2"}


def test_single_character_is_looked_for_as_the_beginning_of_a_pair() -> None:
    assert terms_of_query("桥") == (QueryTerm("桥", is_beginning=True),)
    assert found("大桥检测", "桥") and found("大桥", "桥") and not found("大树", "桥")


def test_query_without_words_looks_for_nothing() -> None:
    assert terms_of_query("  ... —— \x00 ") == ()


def test_query_terms_are_bounded_and_each_once() -> None:
    assert terms_of_query("许可 许可 permit PERMIT") == (QueryTerm("许可"), QueryTerm("permit"))
    assert len(terms_of_query(" ".join(f"w{n}" for n in range(500)))) == QUERY_TERMS_MAX


def test_text_that_grows_when_it_is_folded_is_cut() -> None:
    assert len(fold("\ufdfa")) == 18
    assert len(fold("\ufdfa" * 20_000)) == FOLDED_CHARACTERS_MAX
    assert found("x " * 16_000 + "许可", "许可"), "a text as long as an entry has it is looked at to its end"


def test_other_words_do_not_find() -> None:
    assert not found("许可状态服务", "企业信用")
    assert not found("permit status", "permi")


@given(st.text(alphabet="数据服务 ap1_", max_size=8), HAN, st.text(alphabet="服务许 bX.", max_size=8), st.data())
def test_every_part_of_a_run_finds_the_text(before: str, run: str, after: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    assert found(before + run + after, run[start:end])


@given(ANY_TEXT)
def test_a_text_finds_itself(text: str) -> None:
    assert found(text, text)


@given(ANY_TEXT)
def test_terms_are_folded_letters_and_digits_only(text: str) -> None:
    for term in terms_of_text(text):
        assert (
            term
            and "\x00" not in term
            and not any(character.isspace() or character in "'\\&|!():*<>" for character in term)
        )
        assert terms_of_text(term) >= {term} or len(term) == 1
