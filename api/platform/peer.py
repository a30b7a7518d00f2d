"""The trading platform as this one sees it: its public HTTP API, through the typed client and nothing else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from ledger.client.agreements import file_agreement, get_agreement, get_agreements
from ledger.client.applications import (
    get_application,
    get_applications,
    grant_authorisation,
    pass_final_application_review,
    refuse_application,
)
from ledger.client.authorisations import (
    get_authorisation,
    get_authorisations,
    grant_widening,
    resume_authorisation,
    suspend_authorisation,
    withdraw_authorisation,
)
from ledger.client.calls import Call, RemoteObject, RemotePage
from ledger.client.orders import get_order, get_orders
from ledger.client.runners import Client
from ledger.client.usage_tokens import get_usage_token, get_usage_tokens, issue_usage_token, revoke_usage_token
from ledger.domain.platform_books import (
    AGREEMENT,
    APPLICATION,
    AUTHORISATION,
    FILING,
    FINAL_REVIEW,
    GRANT,
    ORDER,
    RESUMPTION,
    REVOCATION,
    SUSPENSION,
    TOKEN,
    USAGE_TOKEN,
    WIDENING,
    WITHDRAWAL,
    Shown,
)
from ledger.errors import InputError, MalformedEvidenceError, MisuseError, RefusedByServiceError
from ledger.log.timestamps import format_time, parse_time
from ledger.services.platform_ports import Act, PeerPage

PAGE: Final = 50
NOT_FOUND: Final = 404

_NAME: Final = {
    APPLICATION: "application_id",
    AUTHORISATION: "authorisation_id",
    USAGE_TOKEN: "token_id",
    ORDER: "order_id",
    AGREEMENT: "agreement_id",
}
_PAGES: Final[Mapping[str, Callable[..., Call[RemotePage]]]] = {
    APPLICATION: get_applications,
    AUTHORISATION: get_authorisations,
    USAGE_TOKEN: get_usage_tokens,
    ORDER: get_orders,
    AGREEMENT: get_agreements,
}
_ONE: Final[Mapping[str, Callable[[str], Call[RemoteObject]]]] = {
    APPLICATION: get_application,
    AUTHORISATION: get_authorisation,
    USAGE_TOKEN: get_usage_token,
    ORDER: get_order,
    AGREEMENT: get_agreement,
}
_ABRIDGED: Final = frozenset({AGREEMENT})
"""Kinds whose list shows less than the object itself."""


class HttpPeer:
    """See ``ledger.services.platform_ports.Peer``.

    Args:
        client: with this platform's API key there; used by one thread.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def page(self, kind: str, cursor: str | None, changed_since: datetime | None = None) -> PeerPage:
        """See the port."""
        since = None if changed_since is None else format_time(changed_since)
        found = self._client.run(_PAGES[kind](changed_since=since, cursor=cursor, limit=PAGE))
        items = tuple(_shown(kind, item) for item in found.items)
        changed_until = max(map(_changed_at, found.items), default=None)
        return PeerPage(items, found.next_cursor, kind not in _ABRIDGED, changed_until)

    def look(self, kind: str, object_id: str) -> Shown | None:
        """See the port."""
        try:
            return _shown(kind, self._client.run(_ONE[kind](object_id)).value)
        except RefusedByServiceError as error:
            if error.facts.get("status") == NOT_FOUND:
                return None
            raise

    def send(self, act: Act, text: str | None) -> Shown:
        """See the port."""
        answer = self._client.run(call_of(act, text)).value
        if act.act != WIDENING:
            return _shown(act.kind, answer)
        whole = self.look(act.kind, act.object_id)  # what is answered there is the request, and not what it widened
        if whole is None:
            raise MalformedEvidenceError("the other platform does not show what it says was widened")
        return whole


def call_of(act: Act, text: str | None) -> Call[RemoteObject]:
    """The one request of an act; the same each time it is made."""
    name, request, key = act.object_id, act.request, act.act_id
    if act.act == FINAL_REVIEW:
        is_passed = all(finding["passed"] for finding in request["findings"])
        review = pass_final_application_review if is_passed else refuse_application
        return review(name, request["findings"], idempotency_key=key)
    if act.act == GRANT:
        listed = request["listed"]
        return grant_authorisation(
            name,
            scenario=listed["scenario"],
            purpose=listed["purpose"],
            items=listed["items"],
            banned_purposes=listed["banned_purposes"],
            idempotency_key=key,
        )
    if act.act == TOKEN:
        if text is None:
            raise MisuseError("a usage token is sent with its text")
        return issue_usage_token(text, idempotency_key=key)
    if act.act == REVOCATION:
        return revoke_usage_token(name, reasons=request["reasons"], idempotency_key=key)
    if act.act == FILING:
        return file_agreement(name, idempotency_key=key)
    return _decision(act)


def _decision(act: Act) -> Call[RemoteObject]:
    """The request of an act on an authorisation that was granted."""
    name, request, key = act.object_id, act.request, act.act_id
    if act.act == SUSPENSION:
        return suspend_authorisation(name, **request, idempotency_key=key)
    if act.act == RESUMPTION:
        return resume_authorisation(name, reasons=request["reasons"], idempotency_key=key)
    if act.act == WITHDRAWAL:
        return withdraw_authorisation(name, **request, idempotency_key=key)
    if act.act == WIDENING:
        return grant_widening(name, act.instance, reasons=request["reasons"], idempotency_key=key)
    raise MisuseError(f"there is no act {act.act}")


def _shown(kind: str, value: Mapping[str, Any]) -> Shown:
    name, revision, state = value.get(_NAME[kind]), value.get("revision"), value.get("state")
    if not (isinstance(name, str) and type(revision) is int and revision > 0 and isinstance(state, str)):
        raise MalformedEvidenceError(f"the other platform shows no {kind.replace('_', ' ')}")
    return Shown(kind, name, revision, state, value)


def _changed_at(value: Mapping[str, Any]) -> datetime:
    try:
        return parse_time(str(value.get("changed_at")))
    except InputError as error:
        raise MalformedEvidenceError("the other platform shows no time of the last change") from error
