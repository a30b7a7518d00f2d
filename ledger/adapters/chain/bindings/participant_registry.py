"""The interface of ``ParticipantRegistry``, as long as that is and to be read whole. Written by ``scripts/export_bindings.py``; do not edit."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final

from ledger.adapters.chain.abi import AbiEvent, AbiRevert, AbiStruct, Field, decode_answer, encode_call
from ledger.adapters.chain.bindings.shared import (
    AgreementTermsMismatch,
    AuthorityUpdated,
    KeyGrant,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    PartyActExpired,
    PartyActWrongSigner,
    PartySignature,
    PartySigned,
    Requirement,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)


@dataclass(frozen=True, slots=True)
class ParticipantRegistryAlreadyAdmitted(AbiRevert):
    """Error ``ParticipantRegistryAlreadyAdmitted``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("d6b9ba7e")
    body_id: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryFutureBlock(AbiRevert):
    """Error ``ParticipantRegistryFutureBlock``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint256"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("e24ba849")
    block_number: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryInvalidSignature(AbiRevert):
    """Error ``ParticipantRegistryInvalidSignature``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("67ce22fe")
    body_id: bytes
    key: bytes
    signing_digest: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryKeyCount(AbiRevert):
    """Error ``ParticipantRegistryKeyCount``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("00229c9f")
    keys: int
    signatures: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryKeyNotValid(AbiRevert):
    """Error ``ParticipantRegistryKeyNotValid``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
        Field("uint8"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("357ab527")
    body_id: bytes
    key: bytes
    purpose: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryKeyTaken(AbiRevert):
    """Error ``ParticipantRegistryKeyTaken``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("address"),
        Field("bytes32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("2d493e65")
    key: bytes
    body_id: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryMissingRole(AbiRevert):
    """Error ``ParticipantRegistryMissingRole``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ddd1a0d7")
    body_id: bytes
    roles: int
    needed_roles: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryNoCode(AbiRevert):
    """Error ``ParticipantRegistryNoCode``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("address"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("b9327d26")
    location: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryNotQualified(AbiRevert):
    """Error ``ParticipantRegistryNotQualified``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("af88e1c1")
    body_id: bytes
    qualified_until: int


class Suspender(IntEnum):
    """Enum ``Suspender``."""

    NOBODY = 0
    OPERATOR = 1
    REGULATOR = 2
    COUNCIL = 3


@dataclass(frozen=True, slots=True)
class ParticipantRegistryNotSuspendedByCouncil(AbiRevert):
    """Error ``ParticipantRegistryNotSuspendedByCouncil``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", Suspender),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("18362a23")
    body_id: bytes
    suspended_by: Suspender


@dataclass(frozen=True, slots=True)
class ParticipantRegistryOwnCountersignature(AbiRevert):
    """Error ``ParticipantRegistryOwnCountersignature``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("53cf0f22")
    body_id: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryPurposesNotAllowed(AbiRevert):
    """Error ``ParticipantRegistryPurposesNotAllowed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("address"),
        Field("uint8"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("cff42990")
    key: bytes
    purposes: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryQualificationExpired(AbiRevert):
    """Error ``ParticipantRegistryQualificationExpired``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("uint64"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ff8865c3")
    qualified_until: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryQualificationShortened(AbiRevert):
    """Error ``ParticipantRegistryQualificationShortened``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint64"),
        Field("uint64"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("13a1eff2")
    body_id: bytes
    present: int
    qualified_until: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistryRolesNotAllowed(AbiRevert):
    """Error ``ParticipantRegistryRolesNotAllowed``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ed108c15")
    body_id: bytes
    roles: int


@dataclass(frozen=True, slots=True)
class ParticipantRegistrySuspendedByOther(AbiRevert):
    """Error ``ParticipantRegistrySuspendedByOther``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", Suspender),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("2841fd9a")
    body_id: bytes
    suspended_by: Suspender


@dataclass(frozen=True, slots=True)
class ParticipantRegistryUnknownBody(AbiRevert):
    """Error ``ParticipantRegistryUnknownBody``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (Field("bytes32"),)
    SELECTOR: ClassVar[bytes] = bytes.fromhex("1e5b5ac1")
    body_id: bytes


@dataclass(frozen=True, slots=True)
class ParticipantRegistryWrongNonce(AbiRevert):
    """Error ``ParticipantRegistryWrongNonce``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint256"),
        Field("uint256"),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("61557b27")
    body_id: bytes
    expected: int
    nonce: int


class BodyStatus(IntEnum):
    """Enum ``BodyStatus``."""

    UNKNOWN = 0
    ACTIVE = 1
    SUSPENDED = 2
    LEFT = 3


@dataclass(frozen=True, slots=True)
class ParticipantRegistryWrongStatus(AbiRevert):
    """Error ``ParticipantRegistryWrongStatus``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint8", BodyStatus),
    )
    SELECTOR: ClassVar[bytes] = bytes.fromhex("ae9104f5")
    body_id: bytes
    status: BodyStatus


@dataclass(frozen=True, slots=True)
class ActCounted(AbiEvent):
    """Event ``ActCounted``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint256"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("9604c23c081559f4f5df3c457438bef97861d5e8d3baf97d5cda25ebf3878a72")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    body_id: bytes
    signer: bytes
    count: int


@dataclass(frozen=True, slots=True)
class BodyAdmitted(AbiEvent):
    """Event ``BodyAdmitted``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("8ab82082f3d06426c7a83353ac5411ab9747ff23bb3fc2d5c5bc429df8d2e35b")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
    )
    body_id: bytes
    roles: int
    profile_digest: bytes


@dataclass(frozen=True, slots=True)
class BodyLeft(AbiEvent):
    """Event ``BodyLeft``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("5520c6d32de630a72214c7d5ab56cd116b0196660b9856b1cef8a06ba2db05f4")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    body_id: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class BodyReinstated(AbiEvent):
    """Event ``BodyReinstated``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("40265deaaf9aceaa930b32121e49aa95206844a9bc6ba18712d4f73cee511ef1")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    body_id: bytes
    by: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class BodySuspended(AbiEvent):
    """Event ``BodySuspended``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("b86782944b51781da7df58e1484388f46036856fee9bbb46fd5b2fa2925bb287")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    body_id: bytes
    by: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class KeyAdded(AbiEvent):
    """Event ``KeyAdded``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
        Field("uint8"),
        Field("bool"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("dc7758e197c67897eccf91f5923060cc6cc616788cb8474069133f2366552e1b")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
        False,
    )
    body_id: bytes
    key: bytes
    purposes: int
    by_council: bool


@dataclass(frozen=True, slots=True)
class KeyRevoked(AbiEvent):
    """Event ``KeyRevoked``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("address"),
        Field("bytes32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("c77ba92f13a069a61214c987b4b18c0cdcbc16cff185313f86b7c7ff79139983")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        True,
        False,
    )
    body_id: bytes
    key: bytes
    reason_digest: bytes


@dataclass(frozen=True, slots=True)
class QualificationRecorded(AbiEvent):
    """Event ``QualificationRecorded``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("4910765c1049788ef4f8c80ad95c3eec0b0afe85f7cdfe6c88dc6794fafe3d8b")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
        False,
    )
    body_id: bytes
    qualification_digest: bytes
    qualified_until: int


@dataclass(frozen=True, slots=True)
class RolesChanged(AbiEvent):
    """Event ``RolesChanged``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
    )
    TOPIC: ClassVar[bytes] = bytes.fromhex("a9ccd64c6feb11de1c8797453702859b8cf053dc175a9dbc0a3394cd0d415a24")
    INDEXED: ClassVar[tuple[bool, ...]] = (
        True,
        False,
    )
    body_id: bytes
    roles: int


@dataclass(frozen=True, slots=True)
class Admission(AbiStruct):
    """Struct ``Admission``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("bytes32"),
        Field("uint32"),
        Field("bytes32"),
        Field("bytes32"),
        Field("uint64"),
        Field("(address,uint8)[]", KeyGrant),
    )
    body_id: bytes
    roles: int
    profile_digest: bytes
    qualification_digest: bytes
    qualified_until: int
    keys: tuple[KeyGrant, ...]


@dataclass(frozen=True, slots=True)
class Body(AbiStruct):
    """Struct ``Body``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8", BodyStatus),
        Field("uint8", Suspender),
        Field("uint32"),
        Field("uint64"),
        Field("uint32"),
        Field("uint48"),
        Field("uint32"),
    )
    status: BodyStatus
    suspended_by: Suspender
    roles: int
    qualified_until: int
    revision: int
    since_block: int
    recoveries: int


@dataclass(frozen=True, slots=True)
class Key(AbiStruct):
    """Struct ``Key``."""

    FIELDS: ClassVar[tuple[Field, ...]] = (
        Field("uint8"),
        Field("bool"),
        Field("uint48"),
        Field("uint48"),
    )
    purposes: int
    is_contract: bool
    valid_from: int
    valid_until: int


def encode_act_count(*, body_id: bytes, signer: bytes) -> bytes:
    """Call data of ``actCount``."""
    return encode_call(
        bytes.fromhex("9ae373e2"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            body_id,
            signer,
        ),
    )


def decode_act_count(answer: bytes) -> int:
    """What ``actCount`` answers."""
    result: int = decode_answer((Field("uint256"),), answer)[0]
    return result


def encode_add_key(
    *, body_id: bytes, grant: KeyGrant, nonce: int, body: PartySignature, possession: PartySignature
) -> bytes:
    """Call data of ``addKey``."""
    return encode_call(
        bytes.fromhex("2271776b"),
        (
            Field("bytes32"),
            Field("(address,uint8)", KeyGrant),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            grant,
            nonce,
            body,
            possession,
        ),
    )


def encode_admit(
    *, admission: Admission, key_signatures: tuple[PartySignature, ...], operator: PartySignature
) -> bytes:
    """Call data of ``admit``."""
    return encode_call(
        bytes.fromhex("e673b0f1"),
        (
            Field("(bytes32,uint32,bytes32,bytes32,uint64,(address,uint8)[])", Admission),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            admission,
            key_signatures,
            operator,
        ),
    )


def encode_admit_reserved(*, admission: Admission, key_signatures: tuple[PartySignature, ...]) -> bytes:
    """Call data of ``admitReserved``."""
    return encode_call(
        bytes.fromhex("b82fd665"),
        (
            Field("(bytes32,uint32,bytes32,bytes32,uint64,(address,uint8)[])", Admission),
            Field("(bytes32,address,bytes32,uint256,bytes)[]", PartySignature),
        ),
        (
            admission,
            key_signatures,
        ),
    )


def encode_body_of(*, body_id: bytes) -> bytes:
    """Call data of ``bodyOf``."""
    return encode_call(bytes.fromhex("a99352f9"), (Field("bytes32"),), (body_id,))


def decode_body_of(answer: bytes) -> Body:
    """What ``bodyOf`` answers."""
    result: Body = decode_answer((Field("(uint8,uint8,uint32,uint64,uint32,uint48,uint32)", Body),), answer)[0]
    return result


def encode_change_roles(*, body_id: bytes, roles: int, nonce: int, authority: PartySignature) -> bytes:
    """Call data of ``changeRoles``."""
    return encode_call(
        bytes.fromhex("1f5cb311"),
        (
            Field("bytes32"),
            Field("uint32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            roles,
            nonce,
            authority,
        ),
    )


def encode_depart(
    *, body_id: bytes, reason_digest: bytes, nonce: int, body: PartySignature, countersigner: PartySignature
) -> bytes:
    """Call data of ``depart``."""
    return encode_call(
        bytes.fromhex("cda3dd80"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            reason_digest,
            nonce,
            body,
            countersigner,
        ),
    )


def encode_domain_separator() -> bytes:
    """Call data of ``domainSeparator``."""
    return encode_call(bytes.fromhex("f698da25"), (), ())


def decode_domain_separator(answer: bytes) -> bytes:
    """What ``domainSeparator`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_is_in_good_standing(*, body_id: bytes) -> bytes:
    """Call data of ``isInGoodStanding``."""
    return encode_call(bytes.fromhex("fba3be36"), (Field("bytes32"),), (body_id,))


def decode_is_in_good_standing(answer: bytes) -> bool:
    """What ``isInGoodStanding`` answers."""
    result: bool = decode_answer((Field("bool"),), answer)[0]
    return result


def encode_is_member(*, body_id: bytes) -> bytes:
    """Call data of ``isMember``."""
    return encode_call(bytes.fromhex("511bcee5"), (Field("bytes32"),), (body_id,))


def decode_is_member(answer: bytes) -> bool:
    """What ``isMember`` answers."""
    result: bool = decode_answer((Field("bool"),), answer)[0]
    return result


def encode_key_of(*, body_id: bytes, key: bytes) -> bytes:
    """Call data of ``keyOf``."""
    return encode_call(
        bytes.fromhex("ae894a6f"),
        (
            Field("bytes32"),
            Field("address"),
        ),
        (
            body_id,
            key,
        ),
    )


def decode_key_of(answer: bytes) -> Key:
    """What ``keyOf`` answers."""
    result: Key = decode_answer((Field("(uint8,bool,uint48,uint48)", Key),), answer)[0]
    return result


def encode_owner_of_key(*, key: bytes) -> bytes:
    """Call data of ``ownerOfKey``."""
    return encode_call(bytes.fromhex("6ad435a7"), (Field("address"),), (key,))


def decode_owner_of_key(answer: bytes) -> bytes:
    """What ``ownerOfKey`` answers."""
    result: bytes = decode_answer((Field("bytes32"),), answer)[0]
    return result


def encode_participants() -> bytes:
    """Call data of ``participants``."""
    return encode_call(bytes.fromhex("6c4470fb"), (), ())


def decode_participants(answer: bytes) -> bytes:
    """What ``participants`` answers."""
    result: bytes = decode_answer((Field("address"),), answer)[0]
    return result


def encode_recover_key(
    *, body_id: bytes, revoked: tuple[bytes, ...], grant: KeyGrant, reason_digest: bytes, possession: PartySignature
) -> bytes:
    """Call data of ``recoverKey``."""
    return encode_call(
        bytes.fromhex("bab53139"),
        (
            Field("bytes32"),
            Field("address[]"),
            Field("(address,uint8)", KeyGrant),
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            revoked,
            grant,
            reason_digest,
            possession,
        ),
    )


def encode_reinstate(*, body_id: bytes, reason_digest: bytes, nonce: int, authority: PartySignature) -> bytes:
    """Call data of ``reinstate``."""
    return encode_call(
        bytes.fromhex("f16c5282"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            reason_digest,
            nonce,
            authority,
        ),
    )


def encode_reinstate_reserved(*, body_id: bytes, reason_digest: bytes) -> bytes:
    """Call data of ``reinstateReserved``."""
    return encode_call(
        bytes.fromhex("028d6e54"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            body_id,
            reason_digest,
        ),
    )


def encode_renew_qualification(
    *, body_id: bytes, qualification_digest: bytes, qualified_until: int, nonce: int, authority: PartySignature
) -> bytes:
    """Call data of ``renewQualification``."""
    return encode_call(
        bytes.fromhex("9205dccd"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint64"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            qualification_digest,
            qualified_until,
            nonce,
            authority,
        ),
    )


def encode_renew_reserved_qualification(*, body_id: bytes, qualification_digest: bytes, qualified_until: int) -> bytes:
    """Call data of ``renewReservedQualification``."""
    return encode_call(
        bytes.fromhex("c473c4ea"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint64"),
        ),
        (
            body_id,
            qualification_digest,
            qualified_until,
        ),
    )


def encode_require_signature(*, signing_digest: bytes, party: PartySignature, requirement: Requirement) -> bytes:
    """Call data of ``requireSignature``."""
    return encode_call(
        bytes.fromhex("d5fde68a"),
        (
            Field("bytes32"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
            Field("(uint32,uint8,bool)", Requirement),
        ),
        (
            signing_digest,
            party,
            requirement,
        ),
    )


def encode_revoke_key(*, body_id: bytes, key: bytes, reason_digest: bytes, nonce: int, body: PartySignature) -> bytes:
    """Call data of ``revokeKey``."""
    return encode_call(
        bytes.fromhex("928c8095"),
        (
            Field("bytes32"),
            Field("address"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            key,
            reason_digest,
            nonce,
            body,
        ),
    )


def encode_signing_state_at(*, body_id: bytes, key: bytes, block_number: int) -> bytes:
    """Call data of ``signingStateAt``."""
    return encode_call(
        bytes.fromhex("393195ea"),
        (
            Field("bytes32"),
            Field("address"),
            Field("uint256"),
        ),
        (
            body_id,
            key,
            block_number,
        ),
    )


def decode_signing_state_at(answer: bytes) -> tuple[int, Body]:
    """What ``signingStateAt`` answers: purposes, body."""
    result: tuple[int, Body] = decode_answer(
        (
            Field("uint8"),
            Field("(uint8,uint8,uint32,uint64,uint32,uint48,uint32)", Body),
        ),
        answer,
    )
    return result


def encode_suspend(*, body_id: bytes, reason_digest: bytes, nonce: int, authority: PartySignature) -> bytes:
    """Call data of ``suspend``."""
    return encode_call(
        bytes.fromhex("47e81be1"),
        (
            Field("bytes32"),
            Field("bytes32"),
            Field("uint256"),
            Field("(bytes32,address,bytes32,uint256,bytes)", PartySignature),
        ),
        (
            body_id,
            reason_digest,
            nonce,
            authority,
        ),
    )


def encode_suspend_reserved(*, body_id: bytes, reason_digest: bytes) -> bytes:
    """Call data of ``suspendReserved``."""
    return encode_call(
        bytes.fromhex("ca607198"),
        (
            Field("bytes32"),
            Field("bytes32"),
        ),
        (
            body_id,
            reason_digest,
        ),
    )


EVENTS: Final[tuple[type[AbiEvent], ...]] = (
    ActCounted,
    BodyAdmitted,
    BodyLeft,
    BodyReinstated,
    BodySuspended,
    KeyAdded,
    KeyRevoked,
    PartySigned,
    QualificationRecorded,
    RolesChanged,
    AuthorityUpdated,
)
ERRORS: Final[tuple[type[AbiRevert], ...]] = (
    ParticipantRegistryAlreadyAdmitted,
    ParticipantRegistryFutureBlock,
    ParticipantRegistryInvalidSignature,
    ParticipantRegistryKeyCount,
    ParticipantRegistryKeyNotValid,
    ParticipantRegistryKeyTaken,
    ParticipantRegistryMissingRole,
    ParticipantRegistryNoCode,
    ParticipantRegistryNotQualified,
    ParticipantRegistryNotSuspendedByCouncil,
    ParticipantRegistryOwnCountersignature,
    ParticipantRegistryPurposesNotAllowed,
    ParticipantRegistryQualificationExpired,
    ParticipantRegistryQualificationShortened,
    ParticipantRegistryRolesNotAllowed,
    ParticipantRegistrySuspendedByOther,
    ParticipantRegistryUnknownBody,
    ParticipantRegistryWrongNonce,
    ParticipantRegistryWrongStatus,
    PartyActExpired,
    PartyActWrongSigner,
    AgreementTermsMismatch,
    LargestRemainderLengthMismatch,
    LargestRemainderRecipientCount,
    LargestRemainderTotalWeight,
    PackedAmountsTooLarge,
    SplitVectorNotAscending,
    SplitVectorPartWeightSum,
    SplitVectorShareCount,
    SplitVectorShareOutOfBounds,
    SplitVectorShareSum,
)
