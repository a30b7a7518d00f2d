"""The shapes of answers about events (formats.md sections 7 and 8), for OpenAPI."""

from typing import Any

from pydantic import BaseModel, Field

from api.schemas.problems import Problem

HEX32 = r"^[0-9a-f]{64}$"
LOG_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"

EVENT: dict[str, Any] = {
    "type": "object",
    "description": "A CloudEvent 1.0 in JSON; other attributes are extensions.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 2_048},
        "source": {"type": "string", "minLength": 1, "maxLength": 2_048},
        "type": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "description": "RFC 3339 with a zone; kept as it is spelled."},
        "datacontenttype": {"type": "string", "minLength": 1},
        "dataschema": {"type": "string", "minLength": 1},
        "data": {"description": "Any JSON when datacontenttype is JSON or absent, else a string."},
        "data_base64": {"type": "string"},
    },
    "required": ["specversion", "id", "source", "type"],
    "additionalProperties": {"type": ["string", "integer", "boolean"]},
}


class ReceiptItem(BaseModel):
    """The promise for one event."""

    leaf_index: int = Field(ge=0)
    leaf_hash: str = Field(pattern=HEX32)
    received_at: str = Field(pattern=LOG_TIME)
    publish_by: str = Field(pattern=LOG_TIME)
    anchor_by: str = Field(pattern=LOG_TIME)


class LogReceipt(BaseModel):
    """The log's signed promise; its JCS without ``signature`` is what the receipt key signed (formats.md section 7)."""

    v: int = Field(examples=[1])
    origin: str
    items: list[ReceiptItem]
    checkpoint: str | None = Field(description="The signed checkpoint that covers all items, once there is one.")
    signature: str = Field(description="Ed25519, standard base64.")


class Result(BaseModel):
    """Where one event stands."""

    source: str
    id: str
    state: str = Field(pattern="^(sequenced|published|anchored|final)$")
    leaf_index: int = Field(ge=0)
    leaf_hash: str = Field(pattern=HEX32)
    tree_size: int | None = Field(description="Size of a published checkpoint that covers the event.")
    received_at: str = Field(pattern=LOG_TIME)
    opening: dict[str, Any] | None = Field(None, description="With `openings=true`: what opens the public entry.")


class Refused(BaseModel):
    """One event of a batch that was not taken."""

    index: int = Field(ge=0, description="Its position in the request, from 0.")
    problem: Problem


class SingleAnswer(BaseModel):
    """The answer to one event."""

    receipt: LogReceipt
    result: Result


class BatchAnswer(BaseModel):
    """The answer to many events: results in request order, the log receipt for those that were taken, in the same order."""

    receipt: LogReceipt
    results: list[Result | Refused]


class FoundEvent(BaseModel):
    """One event of a search; ``source`` and ``id`` are null once it is erased."""

    source: str | None
    id: str | None
    type: str
    submitter: str
    state: str = Field(pattern="^(sequenced|published|anchored|final)$")
    leaf_index: int = Field(ge=0)
    leaf_hash: str = Field(pattern=HEX32)
    received_at: str = Field(pattern=LOG_TIME)
    erased: bool


class SearchAnswer(BaseModel):
    """A page of events in leaf order."""

    items: list[FoundEvent]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
    complete_to_tree_size: int = Field(
        ge=0, description="Events below this leaf index were looked at; later ones not yet."
    )
