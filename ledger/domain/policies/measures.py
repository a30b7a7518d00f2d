"""Values that have a size: moments, durations, counts, data sizes and amounts, each as a whole number. Pure.

Readings where TC609-6-2025-14 is silent: a data size without a unit is in bytes, K, M, G are powers of 1000 and Ki, Mi, Gi of 1024; a
month of a duration is 30 days and a year 365 where two durations are compared. Every reader raises ``ValueError`` for anything else.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

COUNT_MAX: Final = 2**53 - 1
"""Integers that every JSON reader holds exactly; the standard's ``N..16`` is a little wider."""

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_END: Final = datetime(3000, 1, 1, tzinfo=UTC)
_DURATION: Final = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?"
)
_SECONDS: Final = (365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)
_DURATION_CHARACTERS_MAX: Final = 10
_SIZE: Final = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))? ?(?:([KMGTP])(i?))?B?")
_SIZE_CHARACTERS_MAX: Final = 64
_AMOUNT: Final = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,4}))? ([A-Z]{3})")
_AMOUNT_CHARACTERS_MAX: Final = 128
_AMOUNT_DECIMALS: Final = 4


class Amount(NamedTuple):
    """Money in ten-thousandths of a unit of ``currency``."""

    currency: str
    ten_thousandths: int


def read_time(value: Any) -> int:
    """ISO 8601 with a zone, whole seconds -> seconds since 1970; the years 2000 to 2999."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        raise ValueError
    moment = datetime.fromisoformat(value)
    if not _EARLIEST <= moment < _END:
        raise ValueError
    return int(moment.timestamp())


def show_time(seconds: int) -> str:
    """The inverse of ``read_time``, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_elapsed(value: Any) -> int:
    """ISO 8601 duration -> nominal seconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    parts: tuple[str | None, ...] = found.groups()
    return sum(int(part or 0) * seconds for part, seconds in zip(parts, _SECONDS, strict=True))


def read_duration(value: Any) -> int:
    """As ``read_elapsed``, in the ten characters that a policy has for it (``C..10``)."""
    if isinstance(value, str) and len(value) > _DURATION_CHARACTERS_MAX:
        raise ValueError
    return read_elapsed(value)


def read_positive(value: Any) -> int:
    """A number of uses, of uses in a cycle, or of records, as a policy states it: positive."""
    if read_ordinal(value) > COUNT_MAX:
        raise ValueError
    return int(value)


def read_number(value: Any) -> int:
    """A number of records as a fact states it: there may be none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value


def read_ordinal(value: Any) -> int:
    """The how-manieth use this one is, from 1."""
    if read_number(value) < 1:
        raise ValueError
    return int(value)


def read_size(value: Any) -> int:
    """A data size such as ``10G`` -> bytes, a whole number of them."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) and len(value) <= _SIZE_CHARACTERS_MAX else None
    if found is None:
        raise ValueError
    whole, decimals, unit, binary = found.groups()
    factor: int = (1024 if binary else 1000) ** (" KMGTP".index(unit) if unit else 0)
    divisor: int = 10 ** len(decimals or "")
    scaled, rest = divmod(int(whole + (decimals or "")) * factor, divisor)
    if rest:
        raise ValueError
    return scaled


def read_amount(value: Any) -> Amount:
    """An amount such as ``100.00 CNY`` (annex D), at most four decimals."""
    found = _AMOUNT.fullmatch(value) if isinstance(value, str) and len(value) <= _AMOUNT_CHARACTERS_MAX else None
    if found is None:
        raise ValueError
    whole, decimals, currency = found.groups()
    return Amount(currency, int(whole + (decimals or "").ljust(_AMOUNT_DECIMALS, "0")))


def show_amount(amount: Amount) -> str:
    """The inverse of ``read_amount``, with all four decimals."""
    whole, decimals = divmod(amount.ten_thousandths, 10**_AMOUNT_DECIMALS)
    return f"{whole}.{decimals:0{_AMOUNT_DECIMALS}} {amount.currency}"
