"""Lists in the order of the last change: how whoever keeps copies learns what is new without reading everything again."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from api.schemas.events import LOG_TIME
from ledger.errors import InputError
from ledger.log.timestamps import parse_time

ChangedSince = Annotated[
    str | None,
    Query(
        pattern=LOG_TIME,
        description="Those made or changed then or later, in the order of their last change. Goes without other filters."
        " A change is listed once it is committed, its time is of its beginning: ask again from two minutes before the last one.",
    ),
]


def moment_asked_for(moment: str | None, *filters: str | None) -> datetime | None:
    """The moment from which changes are asked for; None when the list is asked for as it was made.

    Args:
        moment: as the caller gave it.
        filters: every other one of the list.

    Raises:
        InputError: no such moment, or it is asked for with another filter.
    """
    if moment is None:
        return None
    if any(one is not None for one in filters):
        raise InputError("changed_since goes without other filters. Leave them out, and choose from the answer.")
    return parse_time(moment)
