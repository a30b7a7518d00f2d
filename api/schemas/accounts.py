"""The shapes of accounts and of who is calling, for requests and OpenAPI."""

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.events import LOG_TIME
from ledger.domain.roles import ROLES
from ledger.services.accounts import ISSUER_CHARACTERS_MAX, SM2_KEYS_MAX, SUBJECT_CHARACTERS_MAX

PARTICIPANT = r"^[0-9A-Z]{18}$"
SM2_KEY = r"^04[0-9a-f]{128}$"
LEVEL = r"^(admin|handler|viewer)$"
ROLE = f"^({'|'.join(ROLES)})$"
ACCOUNT_ID = r"^acc-[0-9a-f]{32}(-[1-9][0-9]*)?$"


class GrantAccount(BaseModel):
    """What an administrator asks for: who, of which body, as what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "participant": "91110108000000001A",
                    "issuer": "https://identity.example",
                    "subject": "9b1c7e52",
                    "level": "handler",
                    "roles": ["provider"],
                }
            ]
        },
    )

    participant: str | None = Field(None, pattern=PARTICIPANT, description="Subject code of the body; null for none.")
    issuer: str = Field(min_length=1, max_length=ISSUER_CHARACTERS_MAX, description="`iss` of the tokens.")
    subject: str = Field(
        min_length=1, max_length=SUBJECT_CHARACTERS_MAX, pattern=r"^[\x20-\x7e]+$", description="`sub` of the tokens."
    )
    level: str = Field(pattern=LEVEL)
    roles: list[str] = Field(min_length=1, max_length=len(ROLES), json_schema_extra={"items": {"pattern": ROLE}})
    sm2_keys: list[str] = Field(
        default=[],
        max_length=SM2_KEYS_MAX,
        json_schema_extra={"items": {"pattern": SM2_KEY}},
        description="Public keys (04 || x || y, hex) that sign requests.",
    )
    signs_requests: bool = Field(default=False, description="Whether unsigned requests are to be refused.")


class WithdrawAccount(BaseModel):
    """Nothing to say: the path names the account."""

    model_config = ConfigDict(extra="forbid")


class AccountAnswer(BaseModel):
    """One account. Its subject is not shown: the id stands for it."""

    account_id: str = Field(pattern=ACCOUNT_ID)
    participant: str | None
    issuer: str
    level: str = Field(pattern=LEVEL)
    roles: list[str]
    sm2_keys: list[str]
    signs_requests: bool
    state: str = Field(pattern=r"^(active|withdrawn)$")
    created_at: str = Field(pattern=LOG_TIME)
    withdrawn_at: str | None


class AccountsAnswer(BaseModel):
    """A page of accounts."""

    items: list[AccountAnswer]
    next_cursor: str | None


class MeAnswer(BaseModel):
    """As whom the caller is known."""

    account_id: str
    participant: str | None
    roles: list[str]
    level: str = Field(pattern=LEVEL)
    signs_requests: bool
