"""Solidity's ABI between bytes and the generated classes of ``bindings``: what all contracts have in common. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from ledger.log.typed_data import keccak256, to_checksum_address

SELECTOR_BYTES: Final = 4


class Field(NamedTuple):
    """One parameter: its ABI type in full (``(bytes32,uint64)[]``), and the class of its struct or enum."""

    kind: str
    part: "type[AbiStruct | IntEnum] | None" = None


class AbiStruct:
    """A frozen dataclass whose fields are those of a struct, in order."""

    __slots__ = ()
    FIELDS: ClassVar[tuple[Field, ...]]


class AbiEvent(AbiStruct):
    """An event; ``INDEXED`` says of each field whether it is a topic."""

    __slots__ = ()
    TOPIC: ClassVar[bytes]
    INDEXED: ClassVar[tuple[bool, ...]]


class AbiRevert(AbiStruct):
    """A custom error, as a value and not as an exception of Python."""

    __slots__ = ()
    SELECTOR: ClassVar[bytes]


StructT = TypeVar("StructT", bound=AbiStruct)


def canonical_type(parameter: Mapping[str, Any]) -> str:
    """The type of a parameter as a signature and the encoding have it: tuples spelled out. ``parameter`` is as in an ABI."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(canonical_type, parameter['components']))}){kind.removeprefix('tuple')}"


def constructor_types(abi: Sequence[Mapping[str, Any]]) -> list[str]:
    """The types of the constructor's parameters; raises ``ValueError`` when the ABI does not have exactly one."""
    [constructor] = [item for item in abi if item["type"] == "constructor"]
    return [canonical_type(parameter) for parameter in constructor["inputs"]]


@dataclass(frozen=True, slots=True)
class AbiFunction:
    """One function as an ABI describes it, for values without generated classes: addresses are EIP-55 text, structs tuples.

    Args:
        selector: 4 bytes.
        inputs: the parameters, as in the ABI.
        outputs: what it returns, as in the ABI.
    """

    selector: bytes
    inputs: tuple[Mapping[str, Any], ...]
    outputs: tuple[Mapping[str, Any], ...]

    def encode(self, values: Sequence[Any]) -> bytes:
        """Call data.

        Raises:
            ValueError: a value does not fit its type.
        """
        try:
            return self.selector + encode(list(map(canonical_type, self.inputs)), values)
        except EncodingError as error:
            raise ValueError(f"a value does not fit its type: {error}") from error

    def decode(self, answer: bytes) -> Any:
        """What it returned: the value, or a list of them when there are several.

        Raises:
            ValueError: it is no such answer.
        """
        try:
            values = decode(list(map(canonical_type, self.outputs)), answer)
        except (DecodingError, OverflowError) as error:
            raise ValueError(f"bytes are not what the ABI says: {error}") from error
        readable = [_with_checksums(output, value) for output, value in zip(self.outputs, values, strict=True)]
        return readable[0] if len(readable) == 1 else readable


def abi_function(abi: Sequence[Mapping[str, Any]], name: str) -> AbiFunction:
    """The one function of this name.

    Raises:
        ValueError: there is none, or several.
    """
    found = [item for item in abi if item["type"] == "function" and item["name"] == name]
    if len(found) != 1:
        raise ValueError(f"the ABI has {len(found)} functions of the name {name}")
    [item] = found
    signature = f"{name}({','.join(map(canonical_type, item['inputs']))})"
    return AbiFunction(keccak256(signature.encode())[:SELECTOR_BYTES], tuple(item["inputs"]), tuple(item["outputs"]))


def encode_call(selector: bytes, parameters: Sequence[Field], values: Sequence[Any]) -> bytes:
    """Call data of a function.

    Raises:
        ValueError: a value does not fit its type.
    """
    try:
        return selector + encode([parameter.kind for parameter in parameters], [_words(value) for value in values])
    except EncodingError as error:
        raise ValueError(f"a value does not fit its type: {error}") from error


def decode_answer(outputs: Sequence[Field], answer: bytes) -> tuple[Any, ...]:
    """What a function returned.

    Raises:
        ValueError: it is no such answer.
    """
    return tuple(_read(output, value) for output, value in zip(outputs, _decode(outputs, answer), strict=True))


def decode_event(kind: type[StructT], topics: Sequence[bytes], data: bytes) -> StructT:
    """An event of this class; ``topics`` without the first, which names it.

    Raises:
        ValueError: topics or data are not this event's.
    """
    indexed: tuple[bool, ...] = getattr(kind, "INDEXED")  # noqa: B009  only events have it, and mypy's bound is wider
    if len(topics) != sum(indexed):
        raise ValueError(f"{kind.__name__} has {sum(indexed)} topics, not {len(topics)}")
    plain = iter(_decode([field for field, is_topic in zip(kind.FIELDS, indexed, strict=True) if not is_topic], data))
    words: Iterator[bytes] = iter(topics)
    values = [
        _read(field, _decode([field], next(words))[0] if is_topic else next(plain))
        for field, is_topic in zip(kind.FIELDS, indexed, strict=True)
    ]
    return kind(*values)


def decode_error(kind: type[StructT], data: bytes) -> StructT:
    """A custom error of this class; ``data`` without its selector.

    Raises:
        ValueError: it is no such error.
    """
    return kind(*decode_answer(kind.FIELDS, data))


def to_json(value: Any) -> Any:
    """A value of a generated class as JSON: bytes as ``0x...``, enums by name, numbers above 2^53 as text."""
    if isinstance(value, AbiStruct):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}  # type: ignore[arg-type]
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value


def _decode(parameters: Sequence[Field], data: bytes) -> tuple[Any, ...]:
    try:
        return decode([parameter.kind for parameter in parameters], data)
    except (DecodingError, OverflowError) as error:
        raise ValueError(f"bytes are not what the ABI says: {error}") from error


def _with_checksums(parameter: Mapping[str, Any], value: Any) -> Any:
    kind = str(parameter["type"])
    if kind.endswith("]"):
        item = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_with_checksums(item, one) for one in value]
    if kind == "tuple":
        return tuple(_with_checksums(part, one) for part, one in zip(parameter["components"], value, strict=True))
    return to_checksum_address(bytes.fromhex(value[2:])) if kind == "address" else value


def _words(value: Any) -> Any:
    if isinstance(value, AbiStruct):
        return tuple(_words(getattr(value, field.name)) for field in fields(value))  # type: ignore[arg-type]
    if isinstance(value, tuple | list):
        return [_words(item) for item in value]
    return value


def _read(field: Field, value: Any) -> Any:
    if field.kind.endswith("[]"):
        item = Field(field.kind[:-2], field.part)
        return tuple(_read(item, one) for one in value)
    if field.kind == "address":
        return bytes.fromhex(value[2:])
    if field.part is None:
        return value
    if issubclass(field.part, AbiStruct):
        return field.part(*(_read(part, one) for part, one in zip(field.part.FIELDS, value, strict=True)))
    return field.part(value)
