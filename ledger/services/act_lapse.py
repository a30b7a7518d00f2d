"""Signatures of an act that have lapsed: with them the contract would refuse the call, so they are asked for anew."""

from datetime import datetime, timedelta
from typing import Any, Final

from ledger.services.business import StoredObject

LAPSE_MARGIN: Final = timedelta(minutes=1)
"""A signature with no more time left than this could lapse before it is mined."""


def standing_signatures(stored: StoredObject, now: datetime) -> dict[str, Any]:
    """The signatures of an act, by place, that can still be relayed at this time."""
    least = (now + LAPSE_MARGIN).timestamp()
    return {place: given for place, given in stored.document["signatures"].items() if given["deadline"] > least}


def is_lapsed(stored: StoredObject, place: int, now: datetime) -> bool:
    """Whether the signature at this place was given and has lapsed; only of an open act does it matter."""
    is_given = str(place) in stored.document["signatures"]
    return stored.state == "open" and is_given and str(place) not in standing_signatures(stored, now)
