"""An act in plain words, Chinese and English: every field of it, amounts with currency, times in Asia/Shanghai. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, IntFlag
from typing import Any, Final, get_args, get_origin, get_type_hints

from ledger.domain.act_field_words import FIELD_WORDS
from ledger.domain.act_json import act_name
from ledger.domain.act_words import ACT_WORDS, LISTED_WORDS, PURPOSE_WORDS, ROLE_WORDS, FieldWords, Shown, Words
from ledger.domain.acts.kinds import BasisKind, BodyRole, KeyPurpose
from ledger.domain.signing_errors import UnexplainedActError
from ledger.domain.typed_acts import Act, Struct, field_names
from ledger.domain.working_days import SHANGHAI

MILLION: Final = 1_000_000
DECIMALS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("CNY", "HKD", "MOP", "TWD", "USD", "EUR", "GBP", "SGD", "CHF", "AUD", "CAD"), 2),
    **dict.fromkeys(("JPY", "KRW", "VND"), 0),
}
"""Decimals of a currency's minor unit (ISO 4217); amounts of another are shown in minor units only."""

_UNITS: Final = ("最小货币单位 minor units", "百万分之一最小货币单位 millionths of a minor unit")
"""Of an amount, and of a price."""

_NONE: Final = Words("无", "none")
_YES: Final = Words("是", "yes")
_NO: Final = Words("否", "no")


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of what is signed.

    Args:
        words: what it is.
        value: in both languages where it is words.
        depth: 0, or how deep inside other fields.
        paper: the digest, 28 or 32 bytes, when the line stands for a document; None also when there is no document.
        field: name of the field in the contract, for example ``reasonDigest``.
        identifier: the 32 bytes of a body's or an object's id.
    """

    words: Words
    value: str
    depth: int
    field: str
    paper: bytes | None = None
    identifier: bytes | None = None


def title_of(act: Act) -> Words:
    """What signing the act does.

    Raises:
        UnexplainedActError: it has no words.
    """
    found = ACT_WORDS.get(act_name(act))
    if found is None:
        raise UnexplainedActError(f"There are no words for {act_name(act)}; it is not signed.")
    return found


def explain(act: Act) -> list[Statement]:
    """Every field of the act, in its order.

    Raises:
        UnexplainedActError: a field has no words, or a number is none of its list.
    """
    return list(_explain(act, 0, None))


def papers_of(act: Act) -> list[tuple[str, bytes]]:
    """The digests of documents that the act holds, each with the name of its field in the contract; zero ones are left out."""
    return [(statement.field, statement.paper) for statement in explain(act) if statement.paper is not None]


def time_text(seconds: int) -> str:
    """A Unix time in Asia/Shanghai; beyond the year 9999 as a number, and zero as what it means: none."""
    if seconds == 0:
        return _both(_NONE)
    try:
        return datetime.fromtimestamp(seconds, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S Asia/Shanghai")
    except (OverflowError, ValueError, OSError):
        return f"Unix {seconds}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: how deep, in which field, of which enumeration, beside which currency (3 bytes)."""

    depth: int
    field: str
    listed: type[IntEnum] | None
    currency: bytes | None


def _explain(struct: Struct, depth: int, currency: bytes | None) -> Iterator[Statement]:
    hints, names = get_type_hints(type(struct), include_extras=True), field_names(type(struct))
    currency = getattr(struct, "currency", currency)
    for name, shown in names.items():
        words = FIELD_WORDS.get(name)
        if words is None:
            raise UnexplainedActError(f"There are no words for {shown} of {type(struct).__name__}; it is not signed.")
        hint, value = hints[name], getattr(struct, name)
        is_several = get_origin(hint) is tuple
        items = value if is_several else (value,)
        if not items:
            yield Statement(_words(words, 0, 0), _both(_NONE), depth, shown)
        place = _Place(depth, shown, _listed(get_args(hint)[0] if is_several else hint), currency)
        for number, item in enumerate(items, 1):
            label = _words(words, number if is_several else 0, len(items))
            if words.shown is Shown.PARTS:
                yield Statement(label, "", depth, shown)
                yield from _explain(item, depth + 1, currency)
            else:
                yield _statement(label, words.shown, item, place)


def _statement(label: Words, shown: Shown, value: Any, place: _Place) -> Statement:
    if shown in (Shown.PAPER, Shown.BODY, Shown.OBJECT):
        is_paper = shown is Shown.PAPER
        found = value if any(value) else None
        text = _both(_NONE) if found is None else "0x" + found.hex()
        return Statement(
            label, text, place.depth, place.field, found if is_paper else None, None if is_paper else found
        )
    if shown in (Shown.AMOUNT, Shown.PRICE):
        text = _money(value, place.currency, is_price=shown is Shown.PRICE)
    elif shown is Shown.LISTED:
        text = _member(place.listed, value)
    else:
        text = _PLAIN[shown](value)
    return Statement(label, text, place.depth, place.field)


def _money(value: int, currency: bytes | None, *, is_price: bool) -> str:
    """An amount of minor units, or a price in millionths of one, exactly."""
    if currency is None:
        return f"{value:,} {_UNITS[is_price]} 币种见所指对象 in the currency of what it is about"
    return money_text(value, _currency(currency), is_price=is_price)


def money_text(value: int, currency: str, *, is_price: bool = False) -> str:
    """An amount of minor units, or a price in millionths of one, exactly; in major units where their decimals are known."""
    decimals = DECIMALS.get(currency)
    if decimals is None:
        return f"{value:,} {_UNITS[is_price]} {currency}"
    major = Decimal(value).scaleb(-decimals - (6 if is_price else 0))
    return f"{major:,f} {currency}"


def _currency(value: bytes) -> str:
    text = value.decode("ascii", "replace")
    return text if text.isascii() and text.isalpha() and text.isupper() else "0x" + value.hex()


def _bits(value: int, kind: type[IntFlag], words: Mapping[Any, Words]) -> str:
    """The members of a set; bits that stand for nothing are refused, since nobody can say what they give."""
    if value & ~sum(member.value for member in kind):
        raise UnexplainedActError(f"{value:#x} has bits that are no {kind.__name__}; it is not signed.")
    return ", ".join(_both(words[member]) for member in kind if value & member) or _both(_NONE)


def _bases(value: int) -> str:
    if value >> len(BasisKind):
        raise UnexplainedActError(f"{value:#x} has bits that are no {BasisKind.__name__}; it is not signed.")
    words = LISTED_WORDS[BasisKind]
    return ", ".join(_both(words[member.name]) for member in BasisKind if value >> member & 1) or _both(_NONE)


def _member(listed: type[IntEnum] | None, value: Any) -> str:
    if listed is None:
        raise UnexplainedActError(f"{value} is of no list; it is not signed.")
    return _both(LISTED_WORDS[listed][listed(value).name])


def _listed(hint: Any) -> type[IntEnum] | None:
    base = get_args(hint)[0] if get_args(hint) else hint
    return base if isinstance(base, type) and issubclass(base, IntEnum) else None


def _duration(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = ((days, "天 d"), (hours, "小时 h"), (minutes, "分 min"), (left, "秒 s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 秒 s"


def _words(words: FieldWords, number: int, count: int) -> Words:
    """The field's name, numbered when there are several."""
    suffix = f" {number}/{count}" if number else ""
    return Words(words.chinese + suffix, words.english + suffix)


def _both(words: Words) -> str:
    return f"{words.chinese} {words.english}"


_PLAIN: Final[Mapping[Shown, Callable[[Any], str]]] = {
    Shown.SHARE: lambda value: f"{Decimal(value) * 100 / MILLION:f}%",
    Shown.TIME: time_text,
    Shown.SECONDS: _duration,
    Shown.PERIOD: lambda value: f"{value // 100:04d}-{value % 100:02d}" if value else _both(_NONE),
    Shown.CURRENCY: _currency,
    Shown.ROLES: lambda value: _bits(value, BodyRole, ROLE_WORDS),
    Shown.PURPOSES: lambda value: _bits(value, KeyPurpose, PURPOSE_WORDS),
    Shown.BASES: _bases,
    Shown.YES_NO: lambda value: _both(_YES if value else _NO),
    Shown.ADDRESS: lambda value: "0x" + value.hex(),
    Shown.NUMBER: lambda value: f"{value:,}",
}
"""Values that need nothing but themselves."""
