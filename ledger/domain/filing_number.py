"""Filing numbers of products with public data: one spelling of each, and the life of one. Pure."""

import unicodedata
from typing import Final

from ledger.domain.transitions import TransitionTable

KIND: Final = "product_filing"
NUMBER_CHARACTERS_MAX: Final = 128

LIFE: Final = TransitionTable(KIND, "given", {("given", "release"): "free", ("free", "give"): "given"})
"""It is made when it is given for the first time; one that was let go may be given again."""


def clean_number(number: str) -> str:
    """The one spelling of a number: NFKC, without space around it, so that no two numbers only look alike."""
    return unicodedata.normalize("NFKC", number).strip()
