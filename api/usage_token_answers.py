"""Usage tokens as answers, in the shapes of ``api.schemas.usage_tokens``: what the books say of one, never its text."""

from datetime import datetime
from typing import Any

from ledger.domain.usage_token import LIFE
from ledger.errors import IntegrityError
from ledger.log.timestamps import format_time
from ledger.services.business import StoredObject
from ledger.services.token_quotas import Quota
from ledger.services.usage_token_spending import Spent


def usage_token_value(stored: StoredObject, quota: Quota | None, now: datetime) -> dict[str, Any]:
    """A token as ``UsageTokenAnswer``; time and authorisation end one without changing its state.

    Raises:
        IntegrityError: the token has no counter.
    """
    if quota is None:
        raise IntegrityError("a usage token has no counter")
    left = quota.quota - quota.spent
    is_running = not (quota.is_stopped or quota.is_ended)
    return {
        "token_id": stored.object_id,
        "revision": stored.revision,
        "state": stored.state,
        "allowed": [act for act in LIFE.allowed(stored.state) if act != "expire"],  # nobody asks for that
        **{name: stored.document[name] for name in ("token", "digest", "ending")},
        "counter": {
            "quota": quota.quota,
            "spent": quota.spent,
            "left": left,
            "is_stopped": quota.is_stopped,
            "is_ended": quota.is_ended,
        },
        "is_usable": left > 0 and is_running and quota.valid_from <= now < quota.valid_until,
        "created_at": format_time(stored.created_at),
        "changed_at": format_time(stored.changed_at),
    }


def spent_value(spent: Spent) -> dict[str, Any]:
    """A spend as ``SpentAnswer``."""
    return {
        "token_id": spent.token_id,
        "calls": spent.calls,
        "spent": spent.spent,
        "quota": spent.quota,
        "left": spent.quota - spent.spent,
    }
