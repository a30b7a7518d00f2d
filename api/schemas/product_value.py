"""The shapes of rights, valuation and base fee of a product. What they mean is ``ledger.domain.product_value``."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.events import HEX32
from api.schemas.participants import DAY
from ledger.domain.price import PERIODS
from ledger.domain.product_value import METHODS, RIGHTS

Amount = Annotated[int, Field(ge=0, le=2**53 - 1)]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RightOf(_Sent):
    """A right in the data that was confirmed."""

    right: str = Field(pattern=f"^({'|'.join(RIGHTS)})$")
    holder: str = Field(min_length=1, max_length=256)
    basis: Text
    digest: str = Field(pattern=HEX32)
    confirmed_on: str = Field(pattern=DAY)
    valid_until: str | None = Field(None, pattern=DAY)


class ValuationOf(_Sent):
    """What the data were assessed to be worth, in minor units."""

    method: str = Field(pattern=f"^({'|'.join(METHODS)})$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    amount_minor: Amount
    assessor: str = Field(min_length=1, max_length=256)
    digest: str = Field(pattern=HEX32)
    valued_on: str = Field(pattern=DAY)


class FactorsOf(_Sent):
    """What the base fee was set on, each in words."""

    coverage: Text
    timeliness: Text
    granularity: Text
    value: Text
    cost: Text


class BaseFeeOf(_Sent):
    """The base authorisation fee of one period, in minor units."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    amount_minor: Amount
    period: str = Field(pattern=f"^({'|'.join(PERIODS)})$")
    factors: FactorsOf
