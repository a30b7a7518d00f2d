"""The three check characters that the identifiers use, as plain functions over text.

Each takes text whose characters are known to be in the named alphabet; whoever parses has checked that first.
"""

from typing import Final

DIGITS: Final = "0123456789"
ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters of GB 32100: without I, O, S, V and Z."""

_MOD_37_CHARACTERS: Final = ALPHANUMERIC + "*"
_MOD_11_CHARACTERS: Final = DIGITS + "X"


def check_character_37_2(text: str) -> str:
    """The check character of ISO/IEC 7064 MOD 37-2 (GB/T 17710) that is put behind ``text``.

    Args:
        text: characters of ``0-9A-Z``, of any length.

    Returns:
        One character of ``0-9A-Z*``, where ``*`` stands for 36.
    """
    product = 0
    for character in text:
        product = (product + ALPHANUMERIC.index(character)) * 2 % 37
    return _MOD_37_CHARACTERS[(38 - product) % 37]


def check_character_31(text: str) -> str:
    """The check character of GB 32100: sum of value times 3^(place-1), places from the left, brought to a multiple of 31.

    Args:
        text: the first 17 characters, of ``CREDIT_ALPHABET``.
    """
    total = sum(CREDIT_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(text))
    return CREDIT_ALPHABET[-total % 31]


def check_character_11_2(text: str) -> str:
    """The check character of ISO/IEC 7064 MOD 11-2, which ends a citizen number (GB 11643).

    Args:
        text: decimal digits, of any length.

    Returns:
        One character of ``0-9X``, where ``X`` stands for 10.
    """
    product = 0
    for character in text:
        product = (product + DIGITS.index(character)) * 2 % 11
    return _MOD_11_CHARACTERS[(12 - product) % 11]
