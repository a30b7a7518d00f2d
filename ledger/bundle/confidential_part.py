"""The confidential part of an agreement as its parties exchange it: what is encrypted, and what others see of it. Pure.

    plaintext = JCS {"confidential": {name: text, ...}, "salt": hex, "v": 1}

``salt`` is the confidential part's own salt of 32 random bytes, from which the salt of every field follows
(``ledger.bundle.agreement_digest``): who has the plaintext can make the leaves and show any of them, and nobody else can. Others see the
leaf hashes, in their order, and the ciphertext.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.agreement_digest import SALT_BYTES, agreement_digest, confidential_leaves, disclosed_leaves
from ledger.domain.agreement import check_confidential
from ledger.domain.sealing_errors import SealedPartMalformedError, SealMismatchError
from ledger.errors import LedgerError, MisuseError
from ledger.log.canonical import encode_jcs
from ledger.log.strict import parse_canonical, read_hex32, read_object, read_version

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ConfidentialPart:
    """What only the parties have.

    Args:
        texts: 1 to 50 named texts.
        salt: of this part, 32 random bytes that are used for nothing else.

    Raises:
        InvalidAgreementError: the texts are none; names no content.
    """

    texts: Mapping[str, str]
    salt: bytes

    def __post_init__(self) -> None:
        check_confidential(self.texts)
        if len(self.salt) != SALT_BYTES:
            raise MisuseError("a confidential part has a salt of 32 bytes")

    @property
    def leaf_hashes(self) -> tuple[bytes, ...]:
        """Of its leaves in their order, 32 bytes each: what the service is given of it beside the ciphertext."""
        return tuple(leaf.leaf_hash for leaf in confidential_leaves(dict(self.texts), self.salt))


def encode_confidential(part: ConfidentialPart) -> bytes:
    """The plaintext."""
    return encode_jcs({"confidential": dict(part.texts), "salt": part.salt.hex(), "v": VERSION})


def parse_confidential(raw: bytes) -> ConfidentialPart:
    """The strict inverse of ``encode_confidential``.

    Raises:
        SealedPartMalformedError: another form; names no content.
    """
    try:
        value = read_object(
            parse_canonical(raw, "confidential part"), ("confidential", "salt", "v"), "the confidential part"
        )
        read_version(value["v"], "the confidential part")
        texts: Any = value["confidential"]
        if not isinstance(texts, Mapping):
            raise SealedPartMalformedError("The texts of a confidential part are an object.")
        return ConfidentialPart(texts, read_hex32(value["salt"], "the salt"))
    except LedgerError as error:
        raise SealedPartMalformedError(f"What was encrypted is no confidential part: {error.detail}") from error


def require_leaves(part: ConfidentialPart, leaf_hashes: Sequence[bytes]) -> None:
    """Refuses a part that is not the one whose leaves these are.

    Raises:
        SealMismatchError: says how many leaves differ, and nothing of what they hold.
    """
    own = part.leaf_hashes
    if own != tuple(leaf_hashes):
        same = sum(mine == theirs for mine, theirs in zip(own, leaf_hashes, strict=False))
        raise SealMismatchError(
            f"The opened part has {len(own)} fields, the agreement {len(leaf_hashes)}, and {same} of them agree:"
            " this is not the part that the agreement's digest covers. Do not sign it."
        )


def require_contract_hash(
    disclosed: Mapping[str, Any], disclosed_salt: bytes, leaf_hashes: Sequence[bytes], contract_hash: bytes
) -> None:
    """Refuses an agreement whose digest does not cover exactly these two parts.

    Args:
        disclosed: the disclosed part as JSON.
        disclosed_salt: of its leaves, 32 bytes.
        leaf_hashes: of the confidential part.
        contract_hash: the digest that is signed and filed, 32 bytes.

    Raises:
        SealMismatchError: it is another digest.
    """
    found = agreement_digest([*leaf_hashes, *disclosed_leaves(disclosed, disclosed_salt)])
    if not hmac.compare_digest(found, contract_hash):
        raise SealMismatchError(
            f"Both parts lead to the digest {found.hex()}, the agreement names {contract_hash.hex()}. Do not sign it."
        )
