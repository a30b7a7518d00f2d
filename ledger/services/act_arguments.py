"""What the function of an act takes beside the act itself and its signatures, as the act's document keeps it."""

from collections.abc import Mapping
from typing import Any


def arguments_to_json(arguments: Mapping[str, bytes] | None) -> dict[str, Any]:
    """The member ``arguments`` of an act's document; no member at all where there are none."""
    return {"arguments": {name: value.hex() for name, value in arguments.items()}} if arguments else {}


def arguments_of(document: Mapping[str, Any]) -> dict[str, bytes]:
    """The inverse of ``arguments_to_json``, of a whole document."""
    return {name: bytes.fromhex(value) for name, value in document.get("arguments", {}).items()}
