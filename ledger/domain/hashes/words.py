"""What all computed ids share: ``abi.encode`` of static values, and the domains that keep ids of different kinds apart."""

from ledger.domain.typed_acts import Struct, encode_word, encode_words, keccak256


def domain_word(kind: str) -> bytes:
    """The 32-byte word that opens the encoding of an id of this kind, for example ``line``."""
    return keccak256(b"cityledger/v1/" + kind.encode())


def encode_array(items: tuple[bytes, ...]) -> bytes:
    """``abi.encode`` of one dynamic array whose elements are static and encoded already.

    Args:
        items: elements, each as the words of ``abi.encode``.
    """
    return encode_word("uint256", 32) + encode_word("uint256", len(items)) + b"".join(items)


def hash_words(struct: Struct) -> bytes:
    """``keccak256(abi.encode(struct))`` of a struct without arrays or nested structs, 32 bytes.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(encode_words(struct))
