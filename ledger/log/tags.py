"""Stream tags: keyed digests by which an event is found again and a stream proved complete (FORMATS.md section 3)."""

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Final

from ledger.errors import MisuseError

KINDS: Final = ("agreement", "case", "consumer", "item", "product", "provider", "scenario", "submitter", "unit")
"""All kinds of stream, sorted."""

SPACE_KEY_BYTES: Final = 32
DOMAIN_TAG: Final = b"cityledger/v1/tag\n"
DOMAIN_TAG_KEY: Final = b"cityledger/v1/tag-key\n"

# Values repeat (one submitter, one case with many events), keys and values stay in this process anyway.
_TAGS_REMEMBERED: Final = 1 << 14


class TagKeys:
    """The key of every kind, derived from the one space key (32 bytes, the same in all shards)."""

    __slots__ = ("_keys", "_tag")

    def __init__(self, space_key: bytes) -> None:
        if len(space_key) != SPACE_KEY_BYTES:
            raise MisuseError(f"a space key has {SPACE_KEY_BYTES} bytes")
        self._keys = {kind: hmac.digest(space_key, DOMAIN_TAG + kind.encode("ascii"), "sha256") for kind in KINDS}
        self._tag = lru_cache(maxsize=_TAGS_REMEMBERED)(self._compute)

    def key_of(self, kind: str) -> bytes:
        """``k_kind``: whoever holds it can verify tags of this kind, and test guesses; hand it out like a key."""
        if kind not in self._keys:
            raise MisuseError(f"no tag kind {kind!r}")
        return self._keys[kind]

    def tag(self, kind: str, value: str) -> str:
        """The tag of a value: HMAC-SHA-256 in lower-case hex."""
        return self._tag(kind, value)

    def digests(self) -> dict[str, str]:
        """SHA-256(domain || ``k_kind``) of every kind in hex, as the log's first entry states them."""
        return {kind: sha256(DOMAIN_TAG_KEY + key).hexdigest() for kind, key in self._keys.items()}

    def _compute(self, kind: str, value: str) -> str:
        return hmac.digest(self.key_of(kind), value.encode("utf-8"), "sha256").hex()
