"""What the first keys of a body with a reserved role sign, and the call that admits it.

The EIP-712 type is ``ParticipantRegistry``'s ``Admission``; see ``contracts/libraries/ParticipantTypedData.sol``. No SM2 digest is
put in here: its field is zero.
"""

from typing import Any, Final

from eth_abi.abi import encode

from ledger.adapters.chain.suite_config import ReservedBody
from ledger.log.typed_data import domain_separator, keccak256, signing_digest, to_checksum_address

DOMAIN_NAME: Final = "CityLedger ParticipantRegistry"
KEY_GRANT_TYPE: Final = b"KeyGrant(address key,uint8 purposes)"
ADMISSION_TYPE: Final = (
    b"Admission(bytes32 bodyId,uint32 roles,bytes32 profileDigest,bytes32 qualificationDigest,uint64 qualifiedUntil,"
    b"KeyGrant[] keys,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)" + KEY_GRANT_TYPE
)
NO_SM2_SIGNATURE: Final = bytes(32)


def admission_digest(chain_id: int, registry: bytes, body: ReservedBody) -> bytes:
    """The digest that each of the body's keys signs before it can be admitted, 32 bytes."""
    grants = [
        keccak256(
            encode(
                ["bytes32", "address", "uint8"],
                [keccak256(KEY_GRANT_TYPE), to_checksum_address(key.address), key.purposes],
            )
        )
        for key in body.keys
    ]
    struct_hash = keccak256(
        encode(
            [
                "bytes32",
                "bytes32",
                "uint32",
                "bytes32",
                "bytes32",
                "uint64",
                "bytes32",
                "bytes32",
                "bytes32",
                "uint256",
            ],
            [
                keccak256(ADMISSION_TYPE),
                body.body_id,
                body.role,
                body.profile_digest,
                body.qualification_digest,
                body.qualified_until,
                keccak256(b"".join(grants)),
                body.body_id,
                NO_SM2_SIGNATURE,
                body.possession_deadline,
            ],
        )
    )
    return signing_digest(domain_separator(DOMAIN_NAME, "1", chain_id, registry), struct_hash)


def admission_arguments(body: ReservedBody) -> list[Any]:
    """The arguments of ``admitReserved``: the admission and a signature of each key."""
    admission = (
        body.body_id,
        body.role,
        body.profile_digest,
        body.qualification_digest,
        body.qualified_until,
        [(to_checksum_address(key.address), key.purposes) for key in body.keys],
    )
    signatures = [
        (
            body.body_id,
            to_checksum_address(key.address),
            NO_SM2_SIGNATURE,
            body.possession_deadline,
            key.possession,
        )
        for key in body.keys
    ]
    return [admission, signatures]
