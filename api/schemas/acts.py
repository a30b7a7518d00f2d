"""The shapes of signed acts, for requests and OpenAPI."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.events import LOG_TIME
from api.schemas.log import ETHEREUM20, ETHEREUM32
from ledger.domain.act_life import LIFE

ACT_ID = r"^[0-9a-f]{40}$"
ACT_STATE = f"^({'|'.join(sorted(LIFE.states))})$"
CALL_STATE = r"^(queued|staged|submitted|mined|final|refused)$"
DEADLINE_MAX = 2**53 - 1
PLACE_MAX = 255


class Sm2Signature(BaseModel):
    """The same body's SM2 signature over the same act."""

    model_config = ConfigDict(extra="forbid")

    public_key: str = Field(pattern=r"^04[0-9a-f]{128}$", description="04 || x || y, hex.")
    signature: str = Field(pattern=r"^[0-9a-f]{128}$", description="r || s, hex.")


class SignAct(BaseModel):
    """One signature of an act. ``deadline`` is the one that was signed; with ``sm2`` its digest was signed too."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "place": 0,
                    "key": "0x" + "1b" * 20,
                    "deadline": 1_798_761_600,
                    "signature": "0x" + "5c" * 64 + "1b",
                }
            ]
        },
    )

    place: int = Field(ge=0, le=PLACE_MAX, description="Which of the act's signers, from 0.")
    key: str = Field(pattern=r"^0x[0-9a-fA-F]{40}$", description="Address of the key that signed.")
    deadline: int = Field(ge=0, le=DEADLINE_MAX, description="Last second in which it may be relayed, Unix time.")
    signature: str = Field(pattern=r"^0x[0-9a-fA-F]{130}$", description="r || s || v over the EIP-712 digest.")
    sm2: Sm2Signature | None = None


class ActSubject(BaseModel):
    """The object on whose behalf an act is."""

    kind: str
    object_id: str


class ActSigner(BaseModel):
    """Whose signature an act needs, and whether it is there."""

    place: int
    participant: str
    body_id: str = Field(pattern=ETHEREUM32)
    purpose: str
    keys: list[str] = Field(json_schema_extra={"items": {"pattern": ETHEREUM20}}, description="Those that may sign.")
    signed: bool
    lapsed: bool = Field(
        description="Given, and its deadline is over before the others were there: it is asked for anew."
    )
    key: str | None = Field(description="The one that signed.")
    deadline: int | None = Field(description="Until when that signature may be relayed, Unix time.")


class ActPlace(BaseModel):
    """Where the chain holds an act's call."""

    tx_hash: str = Field(pattern=ETHEREUM32)
    block_number: int
    block_hash: str = Field(pattern=ETHEREUM32)


class ActItem(BaseModel):
    """One act. ``message`` is what is signed, without the signer's own members."""

    act_id: str = Field(pattern=ACT_ID)
    act: str = Field(description="Contract and EIP-712 type.")
    function: str = Field(description="Of the contract, that takes it.")
    state: str = Field(pattern=ACT_STATE)
    revision: int
    subject: ActSubject
    message: dict[str, Any]
    signers: list[ActSigner]
    chain: ActPlace | None = Field(description="Once the call is final.")
    refused_because: str | None = Field(description="The contract's error, of a refused act.")
    created_at: str = Field(pattern=LOG_TIME)
    changed_at: str = Field(pattern=LOG_TIME)


class ActCall(BaseModel):
    """A contract call that an act asked for, as it stands."""

    call_id: int
    state: str = Field(pattern=CALL_STATE)
    tx_hash: str | None
    block_number: int | None
    reason: str | None


class ActAnswer(ActItem):
    """One act with its contract calls."""

    calls: list[ActCall]


class ActsAnswer(BaseModel):
    """A page of acts, oldest first."""

    items: list[ActItem]
    next_cursor: str | None


class TypedDataAnswer(BaseModel):
    """An EIP-712 document, as ``eth_signTypedData_v4`` and signing tools take it."""

    types: dict[str, list[dict[str, str]]]
    primaryType: str  # noqa: N815 - EIP-712's name
    domain: dict[str, Any]
    message: dict[str, Any]
