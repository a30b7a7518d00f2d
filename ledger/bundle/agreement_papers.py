"""Papers that follow an agreement, as bytes: what is signed of them and what stands for them in the evidence. Pure.

    message = D(kind) || JCS of the paper
    digest  = SHA-256(D(kind) || salt || JCS of the paper)

with ``D(x)`` = ``cityledger/v1/x`` and a line feed, ``kind`` one of ``PAPERS``, and the salt that the agreement, order or case has for its ids (32
bytes). The message is signed with SM2 (GB/T 32918.2, signer id 1234567812345678) by a key that the body has on file; that is the
identity credential of NDI-TR-2025-03 which TC609-6-2025-14 clause 7.3 f asks for.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ledger.bundle.agreement_digest import SALT_BYTES
from ledger.errors import MisuseError
from ledger.log.canonical import encode_jcs

INSTRUCTION: Final = "control-instruction"
REPORT: Final = "execution-report"
VOUCHER: Final = "termination-voucher"
PROOF: Final = "destruction-proof"
MESSAGE: Final = "dispute-message"
CONTRACT: Final = "contract-abstract"
PAPERS: Final = frozenset({INSTRUCTION, REPORT, VOUCHER, PROOF, MESSAGE, CONTRACT})

NUMBER_CHARACTERS: Final = 32


def paper_message(kind: str, paper: Mapping[str, Any]) -> bytes:
    """What a body signs of a paper with SM2."""
    return _domain(kind) + encode_jcs(dict(paper))


def paper_digest(kind: str, salt: bytes, paper: Mapping[str, Any]) -> bytes:
    """What the evidence says of a paper, 32 bytes; without the salt nobody can guess it."""
    if len(salt) != SALT_BYTES:
        raise MisuseError("papers have a salt of 32 bytes")
    return sha256(_domain(kind) + salt + encode_jcs(dict(paper))).digest()


def instruction_number(salt: bytes, contract_id: str, purpose: str) -> str:
    """``ctrlInstructiontId``: 32 hex digits that only those who have the agreement's salt can tell beforehand."""
    return paper_digest(INSTRUCTION, salt, {"contractId": contract_id, "purpose": purpose}).hex()[:NUMBER_CHARACTERS]


def _domain(kind: str) -> bytes:
    if kind not in PAPERS:
        raise MisuseError(f"there is no paper {kind}")
    return f"cityledger/v1/{kind}\n".encode()
