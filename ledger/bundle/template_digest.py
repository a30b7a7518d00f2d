"""The digest by which products name a template of the library. Pure."""

from hashlib import sha256
from typing import Any

from ledger.domain.contract_templates import LIBRARY, ContractTemplate, template_value
from ledger.log.canonical import encode_jcs


def template_text(template: ContractTemplate) -> bytes:
    """All that connectors get but the digest, as JCS (RFC 8785)."""
    return encode_jcs(template_value(template))


def template_digest(template: ContractTemplate) -> str:
    """SHA-256 of ``template_text``, hex."""
    return sha256(template_text(template)).hexdigest()


def template_of_digest(digest: str) -> ContractTemplate | None:
    """The template of the library that has this digest; None where it is none of the library."""
    return next((one for one in LIBRARY.values() if template_digest(one) == digest), None)


def template_answer(template: ContractTemplate) -> dict[str, Any]:
    """A template as connectors get it, with its digest beside it."""
    return template_value(template) | {"templateDigest": template_digest(template)}
