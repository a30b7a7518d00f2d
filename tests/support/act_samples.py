"""One act of every kind, with values that follow from the types of its fields, and documents to sign made of them."""

from dataclasses import fields
from enum import IntEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ledger.domain.act_field_words import FIELD_WORDS
from ledger.domain.act_json import ACTS, typed_data
from ledger.domain.act_words import Shown
from ledger.domain.typed_acts import Act, Domain, Struct, Tail

CHAIN_ID = 31337
CONTRACT = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
BODY_ID = b"\x0b" * 32
DEADLINE = 4_000_000_000
SPECIAL = {
    Shown.PERIOD: 202611,
    Shown.TIME: 1_795_000_000,
    Shown.CURRENCY: b"CNY",
    Shown.ROLES: 3,
    Shown.PURPOSES: 5,
    Shown.BASES: 5,
}


def sample(name: str) -> Act:
    """An act of this name of ``ACTS``."""
    made = _struct(ACTS[name])
    assert isinstance(made, Act)
    return made


def document(act: Act, *, signer: bytes = BODY_ID, deadline: int = DEADLINE, **place: Any) -> dict[str, Any]:
    """Its EIP-712 document, as the service answers it."""
    domain = Domain(act.CONTRACT, place.get("chain_id", CHAIN_ID), place.get("contract", CONTRACT))
    return typed_data(act, Tail(signer, deadline), domain)


def request(act: Act, keys: list[str], *, body: str, papers: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The file to sign for the first of two signers; ``keys`` are the first's, the other is another body."""
    return {
        "v": 1,
        "act_id": "ab" * 20,
        "place": 0,
        "subject": {"kind": "participant", "object_id": body},
        "signers": [
            {"participant": body, "body_id": "0x" + BODY_ID.hex(), "purpose": "BUSINESS", "keys": keys},
            {"participant": "other", "body_id": "0x" + "0c" * 32, "purpose": "BUSINESS", "keys": ["0x" + "0d" * 20]},
        ],
        "typed_data": document(act, **changes),
        "papers": papers or [],
    }


def _struct(kind: type[Struct]) -> Struct:
    hints, known = get_type_hints(kind, include_extras=True), kind
    made: Any = known
    return made(**{field.name: _value(hints[field.name], field.name) for field in fields(made)})


def _value(hint: Any, name: str) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], name) for _ in range(2))
    if get_origin(hint) is not Annotated:
        return _struct(hint)
    base = get_args(hint)[0]
    shown = FIELD_WORDS[name].shown if name in FIELD_WORDS else None
    if shown in SPECIAL:
        return SPECIAL[shown]
    if issubclass(base, IntEnum):
        return list(base)[-1]
    if base is bool:
        return True
    solidity = hint.__metadata__[0].name
    size = 20 if solidity == "address" else int(solidity.removeprefix("bytes")) if solidity.startswith("bytes") else 0
    return bytes([len(name) + 1]) * size if base is bytes else 7
