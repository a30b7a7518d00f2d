"""Ids of claims and of payee accounts (``Payouts.sol``, ``AccountBook.sol``). A payout's id is its platform's own."""

from ledger.domain.hashes.words import domain_word
from ledger.domain.typed_acts import encode_word, keccak256


def claim_id(table_id: int, payee: bytes, currency: bytes) -> bytes:
    """Id of what one payee may receive of one table in one currency, 32 bytes.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(
        domain_word("claim")
        + encode_word("uint32", table_id)
        + encode_word("bytes32", payee)
        + encode_word("bytes3", currency)
    )


def account_id(payee: bytes, version: int, account_digest: bytes) -> bytes:
    """Id of a version of a payee's account, 32 bytes.

    Args:
        payee: id of the body.
        version: number of the version, from 1.
        account_digest: salted digest of the bank account.

    Raises:
        MalformedEvidenceError: a value does not fit its type.
    """
    return keccak256(
        domain_word("account")
        + encode_word("bytes32", payee)
        + encode_word("uint32", version)
        + encode_word("bytes32", account_digest)
    )
