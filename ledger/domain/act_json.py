"""Acts as JSON: how they are kept, and as EIP-712 typed data for signing tools (``eth_signTypedData_v4``). Pure.

Bytes are ``0x`` and lower-case hex; integers that JSON cannot hold exactly (beyond 2^53 - 1) are decimal strings.
"""

from collections.abc import Mapping
from dataclasses import fields
from enum import IntEnum
from types import ModuleType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from ledger.domain.acts import (
    delivery_receipts,
    digital_contract_registry,
    disputes,
    distribution_tables,
    orders,
    participant_registry,
    payouts,
    product_registry,
    revenue_settlement,
    settlement_rules,
)
from ledger.domain.typed_acts import DOMAIN_VERSION, Act, Domain, Struct, Tail, field_names, type_string
from ledger.errors import MisuseError

_MODULES: Final[tuple[ModuleType, ...]] = (
    delivery_receipts,
    digital_contract_registry,
    disputes,
    distribution_tables,
    orders,
    participant_registry,
    payouts,
    product_registry,
    revenue_settlement,
    settlement_rules,
)
_SAFE_INTEGER_MAX: Final = 2**53 - 1


def _acts_of(module: ModuleType) -> list[type[Act]]:
    found = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Act)]
    return [act for act in found if act.__module__ == module.__name__ and "__dataclass_fields__" in vars(act)]


ACTS: Final[Mapping[str, type[Act]]] = {
    f"{act.CONTRACT}.{act.__name__}": act for module in _MODULES for act in _acts_of(module)
}
"""``<contract>.<EIP-712 type>`` -> class of the act."""


def act_name(act: Act) -> str:
    """The key of an act's class in ``ACTS``."""
    return f"{act.CONTRACT}.{type(act).__name__}"


def act_to_json(act: Struct) -> dict[str, Any]:
    """The fields of an act under their EIP-712 names."""
    return {shown: _to_json(getattr(act, name)) for name, shown in field_names(type(act)).items()}


def act_from_json(name: str, value: Mapping[str, Any]) -> Act:
    """The act that ``act_to_json`` wrote; ``name`` as ``act_name`` gave it."""
    kind = ACTS.get(name)
    if kind is None:
        raise MisuseError(f"there is no act {name}")
    found = _struct_from_json(kind, value)
    assert isinstance(found, Act)
    return found


def typed_data(act: Act, tail: Tail, domain: Domain) -> dict[str, Any]:
    """The EIP-712 document whose digest the signer signs, as wallets and signing tools take it."""
    return {
        "types": {"EIP712Domain": _DOMAIN_FIELDS, **_types(type_string(type(act)))},
        "primaryType": type(act).__name__,
        "domain": {
            "name": f"CityLedger {domain.contract}",
            "version": DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": _to_json(domain.verifying_contract),
        },
        "message": {
            **act_to_json(act),
            "signer": _to_json(tail.signer),
            "sm2SignatureDigest": _to_json(tail.sm2_signature_digest),
            "deadline": tail.deadline,
        },
    }


_DOMAIN_FIELDS: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def _types(text: str) -> dict[str, list[dict[str, str]]]:
    """``A(B b,uint8 c)B(...)`` as the ``types`` of a document."""
    found = {}
    for declared in text.split(")")[:-1]:
        name, _, members = declared.partition("(")
        pairs = [member.split(" ") for member in members.split(",")]
        found[name] = [{"name": member, "type": kind} for kind, member in pairs]
    return found


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value <= _SAFE_INTEGER_MAX else str(int(value))
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    assert isinstance(value, Struct)
    return act_to_json(value)


def _struct_from_json(kind: type[Struct], value: Mapping[str, Any]) -> Struct:
    hints, names = get_type_hints(kind, include_extras=True), field_names(kind)
    known: Any = kind  # the base class itself has no fields
    return kind(**{field.name: _from_json(hints[field.name], value[names[field.name]]) for field in fields(known)})


def _from_json(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_from_json(get_args(hint)[0], item) for item in value)
    if get_origin(hint) is not Annotated:
        return _struct_from_json(hint, value)
    base = get_args(hint)[0]
    if base is bytes:
        return bytes.fromhex(value.removeprefix("0x"))
    if base is bool:
        return value
    number = int(value)
    return base(number) if issubclass(base, IntEnum) else number
