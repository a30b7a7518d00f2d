"""The shapes of answers about the process, for OpenAPI."""

from pydantic import BaseModel, Field


class LiveAnswer(BaseModel):
    """The process answers; it asked nobody."""

    status: str = Field(pattern="^alive$")


class ReadyAnswer(BaseModel):
    """Every part of the service by name, all ready; the 503 problem has the same ``parts`` and says what they are instead."""

    status: str = Field(pattern="^ready$")
    parts: dict[str, str]
