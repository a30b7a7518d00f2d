"""RFC 9457 problem documents: the one table from error code to status and title, and how every failure becomes one.

A problem says which rule was broken, never what was sent: the request is not echoed, and a failure of ours carries no detail
at all. ``code`` is the stable name; ``type`` is the same name as a URN.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from api.access import note_refusal
from ledger.errors import InputError, LedgerError

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:cityledger:problem:"
RETRY_AFTER_S: Final = 1
"""Back-pressure and short outages pass within seconds; a client that waits longer only loses time."""

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    # what was sent
    "invalid_input": (400, "Invalid input"),
    "malformed_request": (400, "Malformed HTTP request"),
    "malformed_json": (400, "Malformed JSON"),
    "malformed_gzip": (400, "Malformed gzip"),
    "duplicate_key": (400, "Duplicate key"),
    "lone_surrogate": (400, "Lone surrogate"),
    "number_not_exact": (400, "Number not exact"),
    "too_deep": (400, "Nested too deeply"),
    "invalid_event": (400, "Invalid event"),
    "invalid_catalog_entry": (400, "Invalid catalog entry"),
    "invalid_catalog_request": (400, "Invalid catalog request"),
    "invalid_submitter_signature": (400, "Invalid submitter signature"),
    "invalid_code": (400, "Invalid code"),
    "invalid_product": (400, "Invalid product"),
    "invalid_demand": (400, "Invalid demand"),
    "invalid_policy": (400, "Invalid usage policy"),
    "invalid_policy_facts": (400, "Invalid facts about a use"),
    "invalid_agreement": (400, "Invalid agreement"),
    "invalid_order": (400, "Invalid order"),
    "invalid_application": (400, "Invalid application"),
    "line_authority_needed": (400, "Line authority needed"),
    "invalid_authorisation": (400, "Invalid authorisation"),
    "authorisation_too_wide": (400, "Authorisation too wide"),
    "invalid_usage_token": (400, "Invalid usage token"),
    "contradictory_policy": (400, "Contradictory policy"),
    "template_forbids": (400, "Forbidden by the contract template"),
    "invalid_negotiation_message": (400, "Invalid negotiation message"),
    "invalid_callback_address": (400, "Invalid callback address"),
    "other_negotiation": (400, "Message of another negotiation"),
    "terms_differ": (400, "Terms differ"),
    "invalid_price_rule": (400, "Invalid price rule"),
    "invalid_product_value": (400, "Invalid right or valuation"),
    "invalid_act_signature": (400, "Invalid act signature"),
    "signer_key_ended": (400, "Signer's key ended"),
    "sm2_signature_missing": (400, "SM2 signature missing"),
    "sm2_key_missing": (400, "No SM2 key on file"),
    "act_deadline_out_of_range": (400, "Deadline of a signature out of range"),
    "idempotency_key_missing": (400, "Idempotency-Key missing"),
    "precondition_required": (428, "Precondition required"),
    "not_printable": (406, "Not printable"),
    "request_timeout": (408, "Request too slow"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "Unsupported media type"),
    # who sent it
    "unauthenticated": (401, "Unauthenticated"),
    "invalid_request_signature": (401, "Invalid request signature"),
    "forbidden": (403, "Forbidden"),
    "source_not_bound": (403, "Source not bound to submitter"),
    "use_not_covered": (403, "Use not covered"),
    # what is recorded
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "conflict": (409, "Conflict"),
    "illegal_transition": (409, "Illegal transition"),
    "body_not_able": (409, "Body not able"),
    "message_id_reused": (409, "Message id reused"),
    "too_many_rounds": (409, "Too many rounds"),
    "price_above_ceiling": (409, "Price above ceiling"),
    "product_frozen": (409, "Product frozen"),
    "product_not_offered": (409, "Product not offered"),
    "order_expired": (409, "Order expired"),
    "order_origin_not_met": (409, "Order's origin not met"),
    "application_needed": (409, "Application needed"),
    "negotiation_not_final": (409, "Negotiation not final"),
    "negotiation_of_another_product": (409, "Negotiation of another product"),
    "negotiation_used": (409, "Negotiation used"),
    "usage_token_out_of_time": (409, "Usage token out of time"),
    "usage_token_ended": (409, "Usage token ended"),
    "quota_exceeded": (409, "Quota exceeded"),
    "platform_act_exists": (409, "Act done already"),
    "compliance_letter_missing": (409, "Compliance letter missing"),
    "idempotency_key_reused": (409, "Idempotency-Key reused"),
    "request_replayed": (409, "Request replayed"),
    "precondition_failed": (412, "Precondition failed"),
    "event_conflict": (409, "Event conflict"),
    "not_published_yet": (409, "Not published yet"),
    "event_erased": (410, "Event erased"),
    # evidence that was sent to be judged
    "verification_failed": (400, "Verification failed"),
    "not_canonical": (400, "Not canonical"),
    "malformed_evidence": (400, "Malformed evidence"),
    "root_mismatch": (400, "Root mismatch"),
    "invalid_path": (400, "Invalid Merkle path"),
    "invalid_signature": (400, "Invalid signature"),
    "inconsistent_checkpoint": (409, "Inconsistent checkpoint"),
    # the moment
    "overloaded": (429, "Too much outstanding work"),
    "unavailable": (503, "Unavailable"),
    "calendar_not_published": (503, "Calendar not published"),
    "not_ready": (503, "Not ready"),
    "keyring_incomplete": (503, "Keyring incomplete"),
    "keys_changed": (503, "Keys changed"),
    "database_behind": (503, "Database behind the published log"),
    # our own
    "internal_error": (500, "Internal error"),
}

Note = Callable[[Scope, LedgerError], Awaitable[None]]

INTERNAL: Final = "internal_error"
"""The code of every failure that is ours: what exactly failed stands in the log, not in the answer."""

_PUBLIC_FACTS: Final = frozenset(
    {
        "allowed",
        "beyond",
        "defect",
        "state",
        "leaf_index",
        "left",
        "limit",
        "parts",
        "reasons",
        "retry_after_s",
        "tree_size",
    }
)
_QUOTED: Final = re.compile(r"'([^']*)'")
_CORE_ATTRIBUTES: Final = frozenset(
    [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "data",
        "ledgersigalg",
        "ledgerkeyid",
        "ledgersig",
    ]
)
_HTTP_CODES: Final = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}

_HTTP_DETAILS: Final = {
    404: "There is nothing at this path; /openapi.json lists what there is.",
    405: "This path does not take this method; the header Allow names those that it takes.",
}

_logger = structlog.get_logger("api")


def problem_document(error: LedgerError) -> dict[str, Any]:
    """The problem of one error as an object; errors outside the table are our own failures and say nothing more."""
    if error.code not in PROBLEMS:
        return _document(INTERNAL, None, {})
    detail = _QUOTED.sub(_keep_our_own_names, error.detail) if isinstance(error, InputError) else error.detail
    return _document(error.code, detail, {k: v for k, v in error.facts.items() if k in _PUBLIC_FACTS})


def problem_response(error: LedgerError) -> Response:
    """The HTTP answer of one error, with the headers its status calls for."""
    document = problem_document(error)
    headers = {}
    if document["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="cityledger"'
    if document["status"] in (429, 503) or error.code == "not_published_yet":
        headers["Retry-After"] = str(max(1, round(error.facts.get("retry_after_s", RETRY_AFTER_S))))
    return _response(document, headers)


def problem_bytes(code: str, detail: str, status: int | None = None) -> tuple[int, bytes]:
    """Status and body of a refusal that is made before there is a request; ``status`` where it is not the table's."""
    document = _document(code, detail, {})
    document["status"] = status or document["status"]
    return document["status"], orjson.dumps(document)


def install_problem_handlers(app: FastAPI, note: Note | None = note_refusal) -> None:
    """Makes every failure that has a name, the framework's own included, a problem document.

    Args:
        app: the application.
        note: what is told of each refusal; None for a program that keeps no record of them.
    """

    async def on_ledger_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, LedgerError)
        if note is not None:
            await note(request.scope, error)
        return failure_response(request.scope, error)

    app.add_exception_handler(LedgerError, on_ledger_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)


def _keep_our_own_names(quoted: re.Match[str]) -> str:
    """Core attributes may be named; what a caller made up may not, however harmless it looks."""
    return quoted[0] if quoted[1] in _CORE_ATTRIBUTES else "(not repeated here)"


def failure_response(scope: Scope, error: LedgerError) -> Response:
    """As ``problem_response``; a failure of ours is logged as well."""
    if error.code not in PROBLEMS:
        _log_failure(scope, error)
    return problem_response(error)


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # Only the names of our own parameters and what the framework says of strings, numbers and lists; never what was sent.
    wrong = sorted({f"{item['loc'][1]}: {item['msg']}" for item in error.errors() if len(item.get("loc", ())) > 1})
    return _response(_document("invalid_input", "; ".join(wrong)[:500], {}), {})


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "invalid_input" if error.status_code < 500 else INTERNAL)
    document = _document(code, _HTTP_DETAILS.get(error.status_code), {})
    document["status"] = error.status_code
    return _response(document, dict(error.headers or {}))


def unexpected_response(scope: Scope, error: Exception) -> Response:
    """The answer to a failure that no code of ours has a name for; what it was stands in the log."""
    _log_failure(scope, error)
    return _response(_document(INTERNAL, None, {}), {})


def _log_failure(scope: Scope, error: Exception) -> None:
    # The path and not the query, which names events; the traceback shows code and no values.
    _logger.error(
        "request_failed",
        method=scope["method"],
        path=scope["path"],
        error=type(error).__name__,
        code=error.code if isinstance(error, LedgerError) else None,
        exc_info=error,
    )


def _document(code: str, detail: str | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    status, title = PROBLEMS[code]
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + code.replace("_", "-"),
        "title": title,
        "status": status,
        "code": code,
    }
    if detail:
        document["detail"] = detail
    return document | dict(facts)


def _response(document: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return Response(
        orjson.dumps(document), status_code=document["status"], headers=dict(headers), media_type=MEDIA_TYPE
    )
