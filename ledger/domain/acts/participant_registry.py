"""Acts of ``ParticipantRegistry``.

``nonce`` is the number of acts that the signer has done about the body (of a departure: that the body has), which the event
``ActCounted`` tells; in ``KeyRecovery`` it is the body's number of recoveries.
"""

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.typed_acts import Act, Address, Bytes32, Struct, Uint8, Uint32, Uint64, Uint256


class ParticipantRegistryAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "ParticipantRegistry"


@dataclass(frozen=True)
class KeyGrant(Struct):
    """A key and what it may be used for (bits of ``KeyPurpose``)."""

    key: Address
    purposes: Uint8


@dataclass(frozen=True)
class Admission(ParticipantRegistryAct):
    """What a body is admitted as; signed by each of its keys and by the operator. ``roles`` are bits of ``BodyRole``."""

    body_id: Bytes32
    roles: Uint32
    profile_digest: Bytes32
    qualification_digest: Bytes32
    qualified_until: Uint64
    keys: tuple[KeyGrant, ...]


@dataclass(frozen=True)
class QualificationRenewal(ParticipantRegistryAct):
    """A renewed qualification, no shorter than the present one; signed by operator or regulator."""

    body_id: Bytes32
    qualification_digest: Bytes32
    qualified_until: Uint64
    nonce: Uint256


@dataclass(frozen=True)
class RoleChange(ParticipantRegistryAct):
    """New ordinary roles; signed by the operator or a regulator."""

    body_id: Bytes32
    roles: Uint32
    nonce: Uint256


@dataclass(frozen=True)
class Suspension(ParticipantRegistryAct):
    """A body makes no new duties; signed by regulator or operator."""

    body_id: Bytes32
    reason_digest: Bytes32
    nonce: Uint256


@dataclass(frozen=True)
class Reinstatement(ParticipantRegistryAct):
    """A suspended body acts again; signed by regulator or operator."""

    body_id: Bytes32
    reason_digest: Bytes32
    nonce: Uint256


@dataclass(frozen=True)
class Departure(ParticipantRegistryAct):
    """A body leaves for ever; signed by itself, and by an operator or regulator that is another body."""

    body_id: Bytes32
    reason_digest: Bytes32
    nonce: Uint256


@dataclass(frozen=True)
class KeyAddition(ParticipantRegistryAct):
    """A new key; signed by a present key with all its purposes, and by the new key."""

    body_id: Bytes32
    key: Address
    purposes: Uint8
    nonce: Uint256


@dataclass(frozen=True)
class KeyRecovery(ParticipantRegistryAct):
    """A key that the council gives to a body which lost its own; signed by the new key."""

    body_id: Bytes32
    key: Address
    purposes: Uint8
    nonce: Uint256


@dataclass(frozen=True)
class KeyRevocation(ParticipantRegistryAct):
    """The end of a key; signed by a key with all its purposes."""

    body_id: Bytes32
    key: Address
    reason_digest: Bytes32
    nonce: Uint256
