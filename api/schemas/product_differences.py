"""What product versions are otherwise here than on the chain."""

from pydantic import BaseModel, Field


class ProductDifferenceAnswer(BaseModel):
    """Something that is otherwise here than on the chain."""

    kind: str
    product_id: str = Field(description="On the chain.")
    product_code: str | None
    version: int | None = Field(description="Null where it is about the product over its versions.")
    here: str | None
    on_chain: str | None
    waiting: str | None = Field(description="The step under way that may explain it.")


class ProductDifferencesAnswer(BaseModel):
    """The differences of a page of versions; behind the last version come those that only the chain has."""

    block_number: int | None = Field(description="Up to which the chain was followed; null when it was not yet.")
    compared: int = Field(description="Versions of this page that were compared.")
    items: list[ProductDifferenceAnswer]
    next_cursor: str | None = Field(
        description="Null when everything was compared; a page without items is not the last."
    )
