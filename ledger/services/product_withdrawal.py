"""Taking back a step of a product version that waits for signatures: by who asked for it, later by any party, so that none waits for ever."""

from ledger.domain.product_life import AUTOMATIC_TRIGGERS
from ledger.errors import AccessError, ConflictError
from ledger.log.timestamps import parse_time
from ledger.services.act_withdrawal import require_open, withdraw_act
from ledger.services.bodies import participant_of
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_catalog import feed_facts, set_on_sale
from ledger.services.product_chain import STOPS, go_back, is_provider_able, is_withheld, parties_before
from ledger.services.product_objects import Both, load, record


def withdraw_step(uow: UnitOfWork, product_code: str, version: int) -> StoredObject:
    """Takes back the step that waits for signatures; the version is where it was before.

    An offer comes back only when the body that stopped it by its own decision takes that back; otherwise it stays withheld.

    Raises:
        NotFoundError: there is no such version that the actor may see.
        ConflictError: no step waits, or its signatures are all there and the chain decides.
        AccessError: another body asked for it, and there is time left to sign.
    """
    both = load(uow, product_code, version)
    waiting = both.version.document["waiting"]
    if waiting is None:
        raise ConflictError("No step of this version waits for the chain. Nothing was changed.")
    actor = participant_of(uow.actor)
    is_own = actor == waiting["by"]
    if not is_own and uow.now <= parse_time(waiting["due_at"]):
        raise AccessError(
            "Another body asked for this step, and its time to be signed is not over. Nothing was changed."
        )
    require_open(uow, waiting["act_id"])
    withheld = is_withheld(both) and not (is_own and _may_offer_again(uow, both))
    changes = {} if withheld or waiting["step"] != "suspend" else {"suspension": None}
    moved = go_back(uow, both, changes, withheld=withheld)
    feed = None
    if waiting["step"] in STOPS and moved.state == "listed":
        feed = set_on_sale(uow, Both(both.product, moved), "listed", act="withdraw_step")
    else:  # a new revision, so that the same act proposed anew is another object
        uow.change(both.product, act="withdraw_step", parties=parties_before(both))
    withdraw_act(uow, waiting["act_id"])
    facts = {"step": waiting["step"], "state": moved.state, "act_id": waiting["act_id"], "by": actor}
    record(uow, both, "step_withdrawn", **facts, **feed_facts(feed))
    return moved


def _may_offer_again(uow: UnitOfWork, both: Both) -> bool:
    """Whether what was stopped was on offer, was not stopped by itself, and its provider is in good standing."""
    document = both.version.document
    stop = document["suspension"] if document["waiting"]["step"] == "suspend" else document["delisting"]
    was_offered = document["waiting"]["from"] == "listed"
    return was_offered and stop["trigger"] not in AUTOMATIC_TRIGGERS and is_provider_able(uow, both)
