"""Acts of ``Orders``."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.acts.kinds import OrderKind, OrderStatus
from ledger.domain.typed_acts import Act, Bytes32, SolidityType, Uint32, Uint64


class OrdersAct(Act):
    """An act of this contract."""

    CONTRACT: ClassVar[str] = "Orders"


@dataclass(frozen=True)
class Order(OrdersAct):
    """An order; signed by the consumer who places and by the provider who confirms it."""

    order_id: Bytes32
    kind: Annotated[OrderKind, SolidityType("uint8")]
    product_id: Bytes32
    product_version: Uint32
    provider: Bytes32
    consumer: Bytes32
    agreement_id: Bytes32
    quantity: Uint64
    price_rule_digest: Bytes32
    content_digest: Bytes32
    valid_until: Uint64


@dataclass(frozen=True)
class OrderClosing(OrdersAct):
    """Rejects, withdraws or cancels an order; signed by provider or consumer."""

    order_id: Bytes32
    status: Annotated[OrderStatus, SolidityType("uint8")]
    reason_digest: Bytes32
