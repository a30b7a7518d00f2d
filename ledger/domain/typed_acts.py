"""EIP-712 digests of the acts that bodies sign for the contract suite; the counterpart of ``PartySignatures.sol``.

An act is a frozen dataclass whose name and fields are those of the EIP-712 type (``product_id`` is ``productId``); its Solidity types
stand in the annotations, so that type string, encoding and check of ranges follow from one declaration. Every act ends with the tail
``bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline`` and is signed for one domain: a contract of the suite on one chain.

Ids and digests are 32 bytes, addresses 20 bytes, amounts, times (Unix, seconds) and numbers are integers.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Final, TypeAlias, get_args, get_origin, get_type_hints

import gmssl_pyx
from Crypto.Hash import keccak

from ledger.errors import MalformedEvidenceError, MisuseError

WORD_BYTES: Final = 32
ADDRESS_BYTES: Final = 20
SM2_BYTES: Final = 64
DOMAIN_VERSION: Final = "1"
TAIL_FIELDS: Final = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline"
SM2_SIGNATURE_DOMAIN: Final = b"cityledger/v1/sm2-signature\n"
NO_SM2_SIGNATURE: Final = bytes(WORD_BYTES)


@dataclass(frozen=True)
class SolidityType:
    """The atomic type that a field has in the contract, for example ``uint64``; stands in ``Annotated``."""

    name: str


Bytes32: TypeAlias = Annotated[bytes, SolidityType("bytes32")]
Bytes28: TypeAlias = Annotated[bytes, SolidityType("bytes28")]
Bytes3: TypeAlias = Annotated[bytes, SolidityType("bytes3")]
Address: TypeAlias = Annotated[bytes, SolidityType("address")]
Bool: TypeAlias = Annotated[bool, SolidityType("bool")]
Uint8: TypeAlias = Annotated[int, SolidityType("uint8")]
Uint16: TypeAlias = Annotated[int, SolidityType("uint16")]
Uint32: TypeAlias = Annotated[int, SolidityType("uint32")]
Uint64: TypeAlias = Annotated[int, SolidityType("uint64")]
Uint256: TypeAlias = Annotated[int, SolidityType("uint256")]


class Struct:
    """Base of every EIP-712 struct: a frozen dataclass named as in the contract."""


class Act(Struct):
    """Base of every signed act: the fields before the tail.

    Attributes:
        CONTRACT: the contract that takes it; its domain is "CityLedger " and this name.
    """

    CONTRACT: ClassVar[str]


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain of one contract of the suite.

    Args:
        contract: its name, for example ``Orders``.
        chain_id: of the chain it lives on.
        verifying_contract: its address, 20 bytes.
    """

    contract: str
    chain_id: int
    verifying_contract: bytes

    @property
    def separator(self) -> bytes:
        """The 32-byte domain separator, as ``IPartyActs.domainSeparator`` answers it.

        Raises:
            MalformedEvidenceError: the chain id is not a uint256 or the address not 20 bytes.
        """
        return keccak256(
            keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
            + keccak256(f"CityLedger {self.contract}".encode())
            + keccak256(DOMAIN_VERSION.encode())
            + encode_word("uint256", self.chain_id)
            + encode_word("address", self.verifying_contract)
        )


@dataclass(frozen=True)
class Tail:
    """What every act ends with.

    Args:
        signer: id of the body that acts, 32 bytes.
        deadline: last second in which the act may be relayed, Unix time.
        sm2_signature_digest: see ``sm2_signature_digest``; zero when the body made no SM2 signature.
    """

    signer: bytes
    deadline: int
    sm2_signature_digest: bytes = NO_SM2_SIGNATURE

    @property
    def words(self) -> bytes:
        """The three words that close the encoding of the struct."""
        return (
            encode_word("bytes32", self.signer)
            + encode_word("bytes32", self.sm2_signature_digest)
            + encode_word("uint256", self.deadline)
        )


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest of Ethereum."""
    return keccak.new(digest_bits=256, data=data).digest()


def type_string(struct: type[Struct]) -> str:
    """EIP-712 ``encodeType``: the struct's own type, then all that it refers to, sorted by name."""
    others: dict[str, str] = {}
    _collect(struct, others)
    own = others.pop(struct.__name__)
    return own + "".join(others[name] for name in sorted(others))


def type_hash(struct: type[Struct]) -> bytes:
    """The 32-byte hash of ``type_string``."""
    known: Any = struct  # mypy takes a class whose instances are hashed otherwise for one that cannot be a key
    return _type_hash(known)


def field_names(struct: type[Struct]) -> dict[str, str]:
    """The dataclass's fields in their order, each with its name in the contract."""
    return {name: _camel(name) for name in _hints(struct)}


def encode_words(struct: Struct) -> bytes:
    """The struct's fields as EIP-712 encodes them, one 32-byte word each.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    hints = _hints(type(struct))
    try:
        return b"".join(_encode(hints[name], getattr(struct, name)) for name in hints)
    except MalformedEvidenceError as error:
        raise MalformedEvidenceError(f"{type(struct).__name__}: {error}") from error


def hash_struct(struct: Struct) -> bytes:
    """EIP-712 ``hashStruct`` of a struct without a tail, for example a ``UsageClaim``.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    if isinstance(struct, Act):
        raise MisuseError(f"{type(struct).__name__} is an act: it is hashed with its tail")
    return keccak256(type_hash(type(struct)) + encode_words(struct))


def hash_array(structs: tuple[Struct, ...]) -> bytes:
    """EIP-712 hash of an array of structs: keccak256 over their concatenated struct hashes."""
    return keccak256(b"".join(hash_struct(struct) for struct in structs))


def encode_head(act: Act) -> bytes:
    """Type hash and fields before the tail: what the contracts' ``headOf...`` functions build; raises as ``encode_words``."""
    return type_hash(type(act)) + encode_words(act)


def act_struct_hash(act: Act, tail: Tail) -> bytes:
    """EIP-712 ``hashStruct`` of an act with its tail.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(encode_head(act) + tail.words)


def act_signing_digest(act: Act, tail: Tail, domain: Domain) -> bytes:
    """The 32 bytes that the body's secp256k1 key signs: keccak256(0x19 0x01 || domain separator || struct hash).

    Raises:
        MisuseError: the act belongs to another contract than the domain.
        MalformedEvidenceError: a value does not fit its type.
    """
    if domain.contract != act.CONTRACT:
        raise MisuseError(f"{type(act).__name__} is an act of {act.CONTRACT}, not of {domain.contract}")
    return keccak256(b"\x19\x01" + domain.separator + act_struct_hash(act, tail))


def act_sm2_message(act: Act, tail: Tail, domain: Domain) -> bytes:
    """The message of the same body's SM2 signature: the signing digest with zero in place of the SM2 digest.

    So both signatures cover the same act, and neither waits for the other.
    """
    return act_signing_digest(act, Tail(tail.signer, tail.deadline), domain)


def sm2_signature_digest(public_key: bytes, signature: bytes) -> bytes:
    """What a tail holds for an SM2 signature: SM3(domain || x || y || r || s).

    Args:
        public_key: x || y, 64 bytes.
        signature: r || s, 64 bytes.

    Raises:
        MalformedEvidenceError: a length is wrong.
    """
    for name, value in (("public key", public_key), ("signature", signature)):
        if len(value) != SM2_BYTES:
            raise MalformedEvidenceError(f"an SM2 {name} is {SM2_BYTES} bytes, got {len(value)}")
    return bytes(gmssl_pyx.sm3_hash(SM2_SIGNATURE_DOMAIN + public_key + signature))


def encode_word(solidity: str, value: Any) -> bytes:
    """A value of an atomic Solidity type as one word of 32 bytes.

    Raises:
        MalformedEvidenceError: it does not fit the type.
    """
    if solidity == "bool":
        if not isinstance(value, bool):
            raise MalformedEvidenceError(f"{value!r} is not a bool")
        return int(value).to_bytes(WORD_BYTES, "big")
    if solidity.startswith("uint"):
        return _uint_word(int(solidity.removeprefix("uint")), value)
    size = ADDRESS_BYTES if solidity == "address" else int(solidity.removeprefix("bytes"))
    if not isinstance(value, bytes) or len(value) != size:
        raise MalformedEvidenceError(f"{solidity} takes {size} bytes, got {value!r}")
    return value.rjust(WORD_BYTES, b"\0") if solidity == "address" else value.ljust(WORD_BYTES, b"\0")


def _uint_word(bits: int, value: Any) -> bytes:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << bits:
        raise MalformedEvidenceError(f"{value!r} is not between 0 and 2^{bits} - 1")
    return int(value).to_bytes(WORD_BYTES, "big")


@cache
def _type_hash(struct: type[Struct]) -> bytes:
    return keccak256(type_string(struct).encode())


def _hints(struct: type[Struct]) -> dict[str, Any]:
    """Annotations of the dataclass's fields, in their order."""
    known: Any = struct  # as in type_hash
    return _read_hints(known)


@cache
def _read_hints(struct: Any) -> dict[str, Any]:
    hints = get_type_hints(struct, include_extras=True)
    return {field.name: hints[field.name] for field in fields(struct)}


def _collect(struct: type[Struct], types: dict[str, str]) -> None:
    """Puts the struct's own type and those that it refers to into ``types``."""
    declared = [f"{_solidity_name(_hints(struct)[name])} {solidity}" for name, solidity in field_names(struct).items()]
    if issubclass(struct, Act):
        declared.append(TAIL_FIELDS)
    types[struct.__name__] = f"{struct.__name__}({','.join(declared)})"
    for hint in _hints(struct).values():
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if isinstance(inner, type) and issubclass(inner, Struct):
            _collect(inner, types)


def _solidity_name(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"{_solidity_name(get_args(hint)[0])}[]"
    if get_origin(hint) is Annotated:
        return str(hint.__metadata__[0].name)
    return str(hint.__name__)


def _encode(hint: Any, value: Any) -> bytes:
    """One field as one word: the value itself, or the hash of a struct or of an array."""
    if get_origin(hint) is tuple:
        if not isinstance(value, tuple):
            raise MalformedEvidenceError(f"{value!r} is not a tuple")
        return keccak256(b"".join(_encode(get_args(hint)[0], item) for item in value))
    if get_origin(hint) is not Annotated:
        if not isinstance(value, hint):
            raise MalformedEvidenceError(f"{value!r} is not a {hint.__name__}")
        return hash_struct(value)
    base = get_args(hint)[0]
    if issubclass(base, IntEnum) and not isinstance(value, base):
        raise MalformedEvidenceError(f"{value!r} is not a {base.__name__}")
    return encode_word(hint.__metadata__[0].name, value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
