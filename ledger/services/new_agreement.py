"""What an agreement is generated with: terms, the confidential part as others see it, and what the caller draws at random."""

import re
from dataclasses import dataclass
from typing import Final

from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.domain.agreement import CONFIDENTIAL_MAX, InvalidAgreementError
from ledger.domain.agreement_terms import AgreementTerms

CIPHERTEXT_CHARACTERS_MAX: Final = 512 << 10
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


@dataclass(frozen=True, slots=True)
class SealedPart:
    """The confidential part as others see it.

    Args:
        leaf_hashes: of its leaves in their order (``ledger.bundle.agreement_digest``), 64 hex digits each.
        ciphertext: base64, by a key that only the parties have.
    """

    leaf_hashes: tuple[str, ...]
    ciphertext: str

    def __post_init__(self) -> None:
        are_hashes = all(_HASH.fullmatch(one) for one in self.leaf_hashes)
        if not 1 <= len(self.leaf_hashes) <= CONFIDENTIAL_MAX or not are_hashes:
            raise InvalidAgreementError("confidential.leaf_hashes has 1 to 50 SHA-256 hashes in lower-case hex.")
        is_within = 1 <= len(self.ciphertext) <= CIPHERTEXT_CHARACTERS_MAX
        if not is_within or _BASE64.fullmatch(self.ciphertext) is None:
            raise InvalidAgreementError("confidential.ciphertext is base64 of at most 384 KiB.")


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What an agreement is generated with.

    Args:
        terms: what the parties state beside the order.
        confidential: the other part.
        random: eight characters of that id, drawn at random.
        disclosed_salt: of the disclosed part's leaves, 32 bytes; who may read that part may have it.
        salt: of the id and the digests on the chain, 32 bytes.
        contract_id: of a contract that the parties negotiated under it (``contract_drafts``); None where the platform gives a new id.
    """

    terms: AgreementTerms
    confidential: SealedPart
    random: str
    disclosed_salt: bytes
    salt: bytes
    contract_id: str | None = None

    def __post_init__(self) -> None:
        if {len(self.disclosed_salt), len(self.salt)} != {SALT_BYTES} or self.disclosed_salt == self.salt:
            raise InvalidAgreementError("An agreement has two different salts of 32 bytes.")
