"""The shapes of credentials for the connectors of others. No answer has the token."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.accounts import PARTICIPANT
from api.schemas.events import LOG_TIME
from ledger.domain.negotiation.credentials import TOKEN_CHARACTERS_MAX, TOKEN_CHARACTERS_MIN

CREDENTIAL_ID = r"^ccr-[0-9a-f]{32}$"


class SetCredential(BaseModel):
    """What the connector of another body knows the caller's body by."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(
        min_length=1,
        max_length=2_048,
        description="Where that connector takes messages; the token is sent there and below, and nowhere else.",
    )
    token: str = Field(
        min_length=TOKEN_CHARACTERS_MIN,
        max_length=TOKEN_CHARACTERS_MAX,
        description="The bearer token that was issued to the caller's body, such as an API key. It is never shown again.",
    )


class RemoveCredential(BaseModel):
    """Nothing is said with it."""

    model_config = ConfigDict(extra="forbid")


class CredentialAnswer(BaseModel):
    """A credential, without its token."""

    credential_id: str = Field(pattern=CREDENTIAL_ID)
    revision: int = Field(ge=1)
    state: Literal["set", "removed"]
    participant: str = Field(pattern=PARTICIPANT)
    address: str = Field(description="In one spelling: small letters, with the port.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class CredentialsAnswer(BaseModel):
    """A page of credentials, oldest first."""

    items: list[CredentialAnswer]
    next_cursor: str | None
