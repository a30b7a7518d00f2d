"""Acts of ``DeliveryReceipts``: signed by the METERING keys of provider and consumer."""

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.typed_acts import Act, Bytes32, Struct, Uint32, Uint64


class DeliveryReceiptsAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "DeliveryReceipts"


@dataclass(frozen=True)
class UsageClaim(Struct):
    """What a provider claims to have delivered in one statement of a stream."""

    stream_id: Bytes32
    index: Uint64
    first_sequence: Uint64
    next_sequence: Uint64
    units: Uint64
    records: Uint64
    byte_count: Uint64
    batch_root: Bytes32
    service_period: Uint32


@dataclass(frozen=True)
class Stream(DeliveryReceiptsAct):
    """Opens a stream; signed by provider and consumer."""

    agreement_id: Bytes32
    connector_id: Bytes32
    first_sequence: Uint64


@dataclass(frozen=True)
class UsageStatement(DeliveryReceiptsAct):
    """A claim; signed by the provider."""

    claim: UsageClaim


@dataclass(frozen=True)
class Acknowledgement(DeliveryReceiptsAct):
    """The answer to exactly this claim; signed by the consumer."""

    claim: UsageClaim
    accepted_units: Uint64
    grounds_digest: Bytes32


@dataclass(frozen=True)
class GapVoid(DeliveryReceiptsAct):
    """Declares a gap void; signed by provider and consumer."""

    stream_id: Bytes32
    first_sequence: Uint64
    next_sequence: Uint64
    reason_digest: Bytes32
