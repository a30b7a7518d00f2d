"""What platforms, authorities and regulators do with products, and how an offer begins, stops and goes on.

A finding is ``{"aspect": ..., "passed": ..., "reasons": ...}``; a review has one for each of compliance, quality and risk.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, write_object
from ledger.client.products import product_path, version_path

Findings = Sequence[Mapping[str, Any]]


def pass_first_review(
    product_code: str, version: int, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The trading platform's review."""
    return _step(product_code, version, "first-review", {"findings": list(findings)}, idempotency_key)


def pass_final_review(
    product_code: str, version: int, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The authorisation platform's with public data, else that of another account of the trading platform."""
    return _step(product_code, version, "final-review", {"findings": list(findings)}, idempotency_key)


def reject_version(
    product_code: str, version: int, findings: Findings, *, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Ends a version in review."""
    return _step(product_code, version, "rejection", {"findings": list(findings)}, idempotency_key)


def issue_letter(
    product_code: str,
    version: int,
    *,
    number: str,
    digest: str,
    issued_on: str,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Issues the compliance letter: number, SHA-256 of its document in hex, day. With public data both platforms issue the same one."""
    sent = {"number": number, "digest": digest, "issued_on": issued_on}
    return _step(product_code, version, "letter", sent, idempotency_key)


def file_version(
    product_code: str,
    version: int,
    *,
    number: str,
    ceiling: Mapping[str, Any],
    base_fee: Mapping[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Gives filing number, ceiling (``unit_price``, ``source``) and, where one is set, base fee of a version with public data."""
    sent: dict[str, Any] = {"number": number, "ceiling": dict(ceiling)}
    if base_fee is not None:
        sent["base_fee"] = dict(base_fee)
    return _step(product_code, version, "filing", sent, idempotency_key)


def list_version(product_code: str, version: int, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """The provider offers it."""
    return _step(product_code, version, "listing", {}, idempotency_key)


def suspend_version(
    product_code: str, version: int, *, trigger: str, text: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Stops an offer for a time, for a stated trigger."""
    return _step(product_code, version, "suspension", {"trigger": trigger, "text": text}, idempotency_key)


def resume_version(
    product_code: str, version: int, *, text: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """The body that suspended an offer lets it go on."""
    return _step(product_code, version, "resumption", {"text": text}, idempotency_key)


def delist_version(
    product_code: str, version: int, *, trigger: str, text: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """Takes a version off the market for good, for a stated trigger."""
    return _step(product_code, version, "delisting", {"trigger": trigger, "text": text}, idempotency_key)


def withdraw_version_step(product_code: str, version: int, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Takes back the step of a version that waits for signatures: who asked for it, later any party."""
    return _step(product_code, version, "step-withdrawal", {}, idempotency_key)


def freeze_product(
    product_code: str, *, trigger: str, text: str, idempotency_key: str | None = None
) -> Call[RemoteObject]:
    """A regulator takes all versions out of offer."""
    path = f"{product_path(product_code)}/freeze"
    return write_object(path, {"trigger": trigger, "text": text}, idempotency_key=idempotency_key)


def thaw_product(product_code: str, *, text: str, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """Ends a freeze."""
    return write_object(f"{product_path(product_code)}/thaw", {"text": text}, idempotency_key=idempotency_key)


def withdraw_freeze_step(product_code: str, *, idempotency_key: str | None = None) -> Call[RemoteObject]:
    """A regulator takes back a freeze, or the end of one, that waits for its signature."""
    return write_object(f"{product_path(product_code)}/step-withdrawal", {}, idempotency_key=idempotency_key)


def _step(
    product_code: str, version: int, step: str, content: Mapping[str, Any], idempotency_key: str | None
) -> Call[RemoteObject]:
    return write_object(f"{version_path(product_code, version)}/{step}", content, idempotency_key=idempotency_key)
