"""The shape of a problem document in OpenAPI; ``api.problems`` writes it."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """RFC 9457 problem; ``code`` is stable, ``type`` is the same name as a URN."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:cityledger:problem:event-conflict",
                    "title": "Event conflict",
                    "status": 409,
                    "code": "event_conflict",
                    "detail": "This source and id are in the log with other content; the first stays.",
                    "leaf_index": 4711,
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
