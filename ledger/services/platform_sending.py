"""Sends what this platform has written down, oldest first, until it is answered; and notes the answer as its original.

1. The act is in the books. 2. It is sent with its name as Idempotency-Key. 3. The answer, what it lays down and the object as it now is there
are written in one transaction. A crash after 1 or 2 has it sent again: the other platform knows the key and answers as it did the first time.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ledger.domain.platform_act import ACT_LIFE
from ledger.domain.platform_books import (
    FILING,
    FINAL_REVIEW,
    GRANT,
    RESUMPTION,
    REVOCATION,
    SUSPENSION,
    TOKEN,
    WITHDRAWAL,
    Shown,
)
from ledger.errors import MalformedEvidenceError, RefusedByServiceError, UnavailableError
from ledger.services.platform_following import Following, look_at
from ledger.services.platform_ports import Act

NOT_FINAL: Final = frozenset({401, 408, 425, 429})
"""Statuses of refusals that say nothing of the act: the key, the moment."""


def send_next(following: Following) -> bool:
    """Sends the oldest act that waits; returns whether one was answered, so that another may wait.

    Raises:
        UnavailableError: the own database is away.
    """
    with following.open_books() as books:
        waiting = books.next_act()
    if waiting is None:
        return False
    act, text = waiting
    try:
        shown = following.peer.send(act, text)
        facts = facts_of(act, shown, following.us)
    except RefusedByServiceError as error:
        status = int(error.facts.get("status", 500))
        is_final = 400 <= status < 500 and status not in NOT_FINAL
        return _refused(following, act, error) if is_final else _failed(following, act, error.detail)
    except (UnavailableError, MalformedEvidenceError) as error:
        return _failed(following, act, error.detail)
    on_chain = following.chain.look(shown)
    with following.open_books() as books:
        state = ACT_LIFE.next(act.state, "acknowledge")
        books.change_act(
            replace(act, state=state, revision=shown.revision, facts=facts, changed_at=books.now, last_error=None)
        )
        look_at(books, following.us, (shown.kind, shown.object_id), shown, on_chain)
    return True


def facts_of(act: Act, shown: Shown, us: str) -> Mapping[str, Any]:
    """What the object shows from this answer on, by this platform's own word.

    Raises:
        MalformedEvidenceError: the answer is about another object, or does not show the act.
    """
    if (shown.kind, shown.object_id) != (act.kind, act.object_id):
        raise MalformedEvidenceError("the other platform's answer is about another object")
    request = act.request
    if act.act == FINAL_REVIEW:
        reviews = shown.document.get("reviews") or ()
        own = [number for number, one in enumerate(reviews) if one.get("participant") == us]
        if not own:
            raise MalformedEvidenceError("the other platform's answer does not show the review")
        said = {one["aspect"]: one for one in request["findings"]}
        order = [one.get("aspect") for one in reviews[own[-1]].get("findings", ())]
        findings = [said.get(aspect) for aspect in order] if len(order) == len(said) else request["findings"]
        return {f"/reviews/{own[-1]}/participant": us, f"/reviews/{own[-1]}/findings": findings}
    if act.act == GRANT:
        return {"/issuer": us, "/listed": request["listed"]}
    if act.act == TOKEN:
        return {"/token": request["token"], "/digest": request["digest"]}
    if act.act == REVOCATION:
        return {"/ending/by": us, "/ending/reasons": request["reasons"]}
    if act.act == FILING:
        return {"/contract_hash": request["contract_hash"]}
    return _facts_of_decision(act, shown, us)


def _facts_of_decision(act: Act, shown: Shown, us: str) -> Mapping[str, Any]:
    request = act.request
    if act.act in {SUSPENSION, WITHDRAWAL}:
        at = "/suspension" if act.act == SUSPENSION else "/ending"
        return {**{f"{at}/{name}": value for name, value in request.items()}, f"{at}/by": us}
    if act.act == RESUMPTION:
        return {}  # that it is not suspended holds until the next suspension
    widening = request["widening"]
    for place, one in enumerate(shown.document.get("widenings") or ()):
        if one.get("number") == widening["number"]:
            return {f"/widenings/{place}": widening}
    raise MalformedEvidenceError("the other platform's answer does not show the widening")


def _refused(following: Following, act: Act, error: RefusedByServiceError) -> bool:
    with following.open_books() as books:
        state = ACT_LIFE.next(act.state, "refuse")
        problem = (error.problem_code, error.detail)
        books.change_act(replace(act, state=state, problem=problem, changed_at=books.now, last_error=None))
    return True


def _failed(following: Following, act: Act, why: str) -> bool:
    with following.open_books() as books:
        books.change_act(replace(act, attempts=act.attempts + 1, last_error=why))
    return False
