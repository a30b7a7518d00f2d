"""What a text is found by: words of alphabetic scripts, and pairs of neighbouring characters where no space parts words.

Chinese and Japanese are written without spaces, so a run of them becomes its overlapping pairs (bigrams), which need no
dictionary and find any part of a run of two characters or more. The last character of a run stands alone besides, so that a
single character, asked for as the beginning of a pair, finds every place where it stands. Both sides are NFKC and case-folded:
full-width letters are found by plain ones.

A query finds a text when every one of its terms is among the text's; ``tests/unit/test_search_terms.py`` has the laws.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

WORD_CHARACTERS_MAX: Final = 64
"""A longer word is cut: a key or a number of that length is found by its beginning."""

FOLDED_CHARACTERS_MAX: Final = 50_000
"""Of the form in which texts are compared. One character may become eighteen there, and what is beyond is not looked at; every text of
an entry fits as it is written."""

QUERY_TERMS_MAX: Final = 40
"""Terms beyond these are not looked for; a query of a sentence has fewer."""

_PAIRED: Final = (
    "\u3005-\u3007"  # iteration mark, closing mark, zero
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff"  # Han, basic and extension A
    "\U00020000-\U000323af"  # Han, further extensions
)
_PIECE: Final = re.compile(f"(?P<paired>[{_PAIRED}]+)|(?P<word>[^\\W_{_PAIRED}]+)")


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """One thing that must be there: a term, or (``is_beginning``) any term that begins so."""

    text: str
    is_beginning: bool = False


def fold(text: str) -> str:
    """The form in which texts are compared, at most ``FOLDED_CHARACTERS_MAX`` characters of it."""
    plain = unicodedata.normalize("NFKC", text[:FOLDED_CHARACTERS_MAX])[:FOLDED_CHARACTERS_MAX]
    return unicodedata.normalize("NFKC", plain.casefold())[:FOLDED_CHARACTERS_MAX]


def terms_of_text(text: str) -> frozenset[str]:
    """Every term by which ``text`` is found."""
    terms: set[str] = set()
    for run, paired in _pieces(text):
        if paired:
            terms.update(_pairs(run))
            terms.add(run[-1])
        else:
            terms.add(run[:WORD_CHARACTERS_MAX])
    return frozenset(terms)


def terms_of_query(query: str) -> tuple[QueryTerm, ...]:
    """What a text must have to be found by ``query``, each once, in the order of the query; empty when nothing can be looked for."""
    terms: dict[QueryTerm, None] = {}
    for run, paired in _pieces(query):
        if not paired:
            terms[QueryTerm(run[:WORD_CHARACTERS_MAX])] = None
        elif len(run) == 1:
            terms[QueryTerm(run, is_beginning=True)] = None
        else:
            terms.update(dict.fromkeys(QueryTerm(pair) for pair in _pairs(run)))
    return tuple(terms)[:QUERY_TERMS_MAX]


def _pieces(text: str) -> list[tuple[str, bool]]:
    return [(match[0], match["paired"] is not None) for match in _PIECE.finditer(fold(text))]


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(len(run) - 1)]
