"""The file of published years: what the State Council's notices say of years that the library does not know yet.

```json
{"years": [{"year": 2027, "holidays": ["2027-01-01"], "working_weekends": ["2027-01-03"],
            "source": "the notice: its number, and where it is published", "digest": "SHA-256 of the notice, 64 hex digits"}]}
```

``holidays`` are the days that the notice closes, ``working_weekends`` the Saturdays and Sundays that it makes working days; every other
Monday to Friday works. Days lie in the year, or in the last week of the one before, which only this notice settles. ``"replaces": true``
says that a year which the library knows otherwise is meant to be as it is here. The API records every other calendar that the file gives as
the event `org.cityledger.calendar.changed.v1`, with these years, sources and digests (``sql.calendar_records``).
"""

from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.errors import SettingsError

SATURDAY: Final = 5
LAST_SETTLED: Final = (12, 24)
"""Month and day up to which a year is settled by its own notice; after it the notice for the next year has a say."""

YEARS_MAX: Final = 200

Days = Annotated[tuple[Annotated[date, Field(strict=False)], ...], Field(max_length=200)]


class PublishedYear(BaseModel):
    """One year as its notice has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    year: int = Field(ge=2004, le=9998)
    holidays: Days = Field(min_length=1)
    working_weekends: Days
    source: str = Field(min_length=1, max_length=1_000, pattern=r"\S")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    replaces: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> "PublishedYear":
        named = (*self.holidays, *self.working_weekends)
        if any(not date(self.year - 1, *LAST_SETTLED) < day <= date(self.year, 12, 31) for day in named):
            raise ValueError(f"a day lies neither in {self.year} nor in the last week before it")
        if len(set(named)) != len(named):
            raise ValueError("a day is named twice")
        if any(day.weekday() < SATURDAY for day in self.working_weekends):
            raise ValueError("a working weekend is no Saturday or Sunday")
        if date(self.year, 1, 1) not in self.holidays:
            raise ValueError("New Year's Day is closed in every notice, and is not among the holidays")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    years: Annotated[tuple[PublishedYear, ...], Field(min_length=1, max_length=YEARS_MAX)]


def parse_years(raw: bytes) -> tuple[PublishedYear, ...]:
    """The years of a file, in their order.

    Raises:
        SettingsError: it is not in this form; says where and what, and never quotes it.
    """
    try:
        years = _File.model_validate_json(raw).years
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in found["loc"]) or "the file"
        raise SettingsError(f"the calendar file is not in its form: {where}: {found['msg']}") from None
    if [one.year for one in years] != sorted({one.year for one in years}):
        raise SettingsError("the years of the calendar file do not come one after the other, each once")
    return years
