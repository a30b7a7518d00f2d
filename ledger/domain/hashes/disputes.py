"""Id of a case (``DisputeTypedData.sol``)."""

from ledger.domain.hashes.words import domain_word
from ledger.domain.typed_acts import encode_word, keccak256


def dispute_id(agreement_id: bytes, opener: bytes, nonce: int) -> bytes:
    """Id of a case, 32 bytes.

    Args:
        agreement_id: agreement that it is about.
        opener: id of the body that opens it.
        nonce: number of cases that the opener opened about the agreement before it.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(
        domain_word("dispute")
        + encode_word("bytes32", agreement_id)
        + encode_word("bytes32", opener)
        + encode_word("uint256", nonce)
    )
