"""Values for vectors that anybody can make again: of every type one spread by SHA-256, the greatest, and the least."""

from enum import IntEnum
from hashlib import sha256
from itertools import cycle, islice
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from ledger.domain import typed_acts
from ledger.domain.typed_acts import Struct

CASES = {"usual": 2, "largest": 3, "least": 0}  # and how many items an array has


def spread(label: str, size: int) -> bytes:
    """Bytes that anybody can make again: SHA-256 of the label, repeated."""
    return bytes(islice(cycle(sha256(label.encode()).digest()), size))


def hexed(data: bytes) -> str:
    """Bytes as 0x and hex digits."""
    return "0x" + data.hex()


def make_struct(struct: type[Struct], label: str, case: str) -> Struct:
    """A struct whose fields are the case's values, spread by the label and their names."""
    hints = get_type_hints(struct, include_extras=True)
    names = [name for name in hints if name != "CONTRACT"]
    return struct(**{name: _value(hints[name], f"{label} {name}", case) for name in names})


def _value(hint: Any, label: str, case: str) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], f"{label} {i}", case) for i in range(CASES[case]))
    if get_origin(hint) is not Annotated:
        return make_struct(hint, label, case)
    base = get_args(hint)[0]
    if issubclass(base, IntEnum):
        members = list(base)
        place = {"usual": spread(label, 1)[0] % len(members), "largest": -1, "least": 0}[case]
        return members[place]
    return make_atom(hint.__metadata__[0].name, label, case)


def make_atom(solidity: str, label: str, case: str) -> Any:
    """A value of an atomic Solidity type."""
    if solidity == "bool":
        return case == "largest" or (case == "usual" and spread(label, 1)[0] % 2 == 1)
    if solidity.startswith("uint"):
        size = int(solidity.removeprefix("uint")) // 8
        return int.from_bytes(_bytes(size, label, case), "big")
    return _bytes(20 if solidity == "address" else int(solidity.removeprefix("bytes")), label, case)


def _bytes(size: int, label: str, case: str) -> bytes:
    return {"usual": spread(label, size), "largest": b"\xff" * size, "least": bytes(size)}[case]


def to_json(value: Any) -> Any:
    """Fields by the names that they have in the contract."""
    if isinstance(value, Struct):
        names = typed_acts.field_names(type(value))
        return {solidity: to_json(getattr(value, name)) for name, solidity in names.items()}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, bytes):
        return hexed(value)
    return value if isinstance(value, bool) else str(int(value))
