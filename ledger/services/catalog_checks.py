"""A regulator's check of what the catalog says of a product: what was looked at, and what was found. Recorded, never changed.

A product is checked at intervals: from the day on which it comes into the catalog a check is due within ``CHECK_DAYS``, and each check
sets the next one. One that is not made in time is evidence, as every breached deadline.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from ledger.services.bodies import require_own_standing
from ledger.services.business import StoredObject, UnitOfWork

KIND: Final = "metadata_check"
RECORDED: Final = "recorded"
"""The one state of a check: a later one is another check."""

RECORDED_TYPE: Final = "org.cityledger.metadata_check.recorded.v1"
FINDINGS: Final = ("conforms", "deviates")


CHECK_DUTY: Final = "check_metadata"
CHECK_DAYS: Final = 365
"""The sources ask for checks at intervals and name none; a year is the project's own."""

_PRODUCT: Final = "product"


@dataclass(frozen=True, slots=True)
class MetadataCheck:
    """What a regulator found.

    Args:
        finding: one of ``FINDINGS``.
        members: names of the entry's members that were looked at.
        remarks_digest: SHA-256 of the remarks, which stay with the regulator; None without any.
    """

    finding: str
    members: tuple[str, ...]
    remarks_digest: bytes | None = None


def record_check(
    uow: UnitOfWork, check_id: str, entry: Mapping[str, Any], digest: bytes, check: MetadataCheck
) -> StoredObject:
    """Records a check of an entry as it is now; its provider and all who read everything see it.

    Args:
        uow: the transaction.
        check_id: a new lasting name.
        entry: the entry's JSON form.
        digest: its SHA-256, which says for good what was looked at.
        check: what was found.

    Raises:
        BodyNotAbleError: the regulator's body is not in good standing.
    """
    require_own_standing(uow)
    product = uow.find(_PRODUCT, entry["product_code"])
    document = {
        "product_code": entry["product_code"],
        "version": entry["version"],
        "entry_digest": digest.hex(),
        "finding": check.finding,
        "members": list(check.members),
        "remarks_digest": None if check.remarks_digest is None else check.remarks_digest.hex(),
    }
    stored = uow.create(
        KIND, check_id, state=RECORDED, parties=(entry["provider_code"],), document=document, act="record"
    )
    if product is not None:
        uow.meet_deadline(product, CHECK_DUTY)
        expect_check(uow, product)
    uow.record(RECORDED_TYPE, {"check_id": check_id, **document}, subject=check_id)
    return stored


def expect_check(uow: UnitOfWork, product: StoredObject) -> None:
    """From now on the next check of this product is due within ``CHECK_DAYS``."""
    uow.set_deadline(product, CHECK_DUTY, uow.now + timedelta(days=CHECK_DAYS))


def expect_no_check(uow: UnitOfWork, product: StoredObject) -> None:
    """The product is not in the catalog any more."""
    uow.meet_deadline(product, CHECK_DUTY)
