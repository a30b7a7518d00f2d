"""Call data in words: a body of the council signs what the bytes say, not what somebody wrote beside them."""

from collections.abc import Iterator
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from ledger.adapters.chain.abi import SELECTOR_BYTES, canonical_type
from ledger.adapters.chain.artifact import load_artifact
from ledger.log.hashing import HASH_BYTES
from ledger.log.typed_data import keccak256

DESCRIBED: Final = ("AccessManager", "Directory", "ParticipantRegistry", "EvidenceLog", "Council")
"""The contracts that a council calls."""


def describe_call(data: bytes) -> str:
    """The function and its arguments as decoded from the call data; says so when it is no function of the suite."""
    for item in _functions():
        types = [canonical_type(argument) for argument in item["inputs"]]
        signature = f"{item['name']}({','.join(types)})"
        if keccak256(signature.encode())[:SELECTOR_BYTES] == data[:SELECTOR_BYTES]:
            try:
                values = decode(types, data[SELECTOR_BYTES:])
            except DecodingError:
                return f"{item['name']} with arguments that cannot be decoded"
            pairs = zip(item["inputs"], values, strict=True)
            shown = ", ".join(argument["name"] + "=" + _show(value) for argument, value in pairs)
            return f"{item['name']}({shown})"
    return f"no function of the suite: selector 0x{data[:SELECTOR_BYTES].hex()}"


def printable(text: str) -> str:
    """One line of it, with everything that a terminal would obey or that would look like another line spelled out."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _functions() -> Iterator[Any]:
    for name in DESCRIBED:
        yield from (item for item in load_artifact(name).abi if item["type"] == "function")


def _show(value: Any) -> str:
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        is_word = (
            len(value) == HASH_BYTES
            and text.isascii()
            and text.decode("ascii", "replace").isalnum()
            and not text[:1].isdigit()
        )
        return f"{text.decode()!r}" if is_word else "0x" + value.hex()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_show, value))}]"
    return str(value)
