"""What the authorisation platform decides about authorisations that it issued: suspended, resumed, withdrawn on violation, widened for a while.

Written down and sent as every act of ``platform_acts``. Each suspension is an act of its own, and so is each widening.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.authorisation import VIOLATIONS, WIDENINGS_MAX, InvalidAuthorisationError, Widening
from ledger.domain.platform_books import AUTHORISATION, RESUMPTION, SUSPENSION, WIDENING, WITHDRAWAL
from ledger.domain.records import from_json, to_json
from ledger.services.platform_acts import NewAct, checked_reasons, own_authorisation, write_act
from ledger.services.platform_ports import Act, Books

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def suspend(books: Books, us: str, new: NewAct, authorisation_id: str, violation: Mapping[str, str]) -> Act:
    """No token of it is spent until it is resumed; ``violation`` has ``kind``, ``reasons`` and ``evidence_digest``.

    Raises:
        NotFoundError: no copy of such an authorisation is here.
        ConflictError: it is not in force, or another platform issued it.
        InvalidAuthorisationError: no violation of ours, no reasons, or no digest.
        ActExistsError: it is under way.
    """
    copy = own_authorisation(books, us, authorisation_id, "in_force")
    request = _violation(violation)
    return write_act(books, new, SUSPENSION, (AUTHORISATION, authorisation_id), request, instance=copy.revision)


def resume(books: Books, us: str, new: NewAct, authorisation_id: str, reasons: str) -> Act:
    """It goes on.

    Raises:
        As ``suspend``; ConflictError: it is not suspended.
    """
    copy = own_authorisation(books, us, authorisation_id, "suspended")
    request = {"reasons": checked_reasons(reasons)}
    return write_act(books, new, RESUMPTION, (AUTHORISATION, authorisation_id), request, instance=copy.revision)


def withdraw(books: Books, us: str, new: NewAct, authorisation_id: str, violation: Mapping[str, str]) -> Act:
    """Its end; every token of it ends with it.

    Raises:
        As ``suspend``; ConflictError: it has ended.
    """
    own_authorisation(books, us, authorisation_id, "in_force", "suspended")
    return write_act(books, new, WITHDRAWAL, (AUTHORISATION, authorisation_id), _violation(violation))


def widen(
    books: Books, us: str, new: NewAct, authorisation_id: str, widening: Mapping[str, Any], *, reasons: str
) -> Act:
    """Grants what its holder asked for at the trading platform.

    Args:
        books: in a transaction.
        us: subject code of this platform.
        new: the act.
        authorisation_id: of the authorisation.
        widening: ``number`` of the request, and its ``items`` as this platform grants them: what is shown there is held against them.
        reasons: for the holder to read.

    Raises:
        As ``suspend``; InvalidAuthorisationError: the items are none, or each not once.
        InputError: they have not the form of some.
    """
    own_authorisation(books, us, authorisation_id, "in_force")
    found = from_json(Widening, widening)
    names = [one.item for one in found.items]
    if not 1 <= found.number <= WIDENINGS_MAX or not 1 <= len(set(names)) == len(names):
        raise InvalidAuthorisationError("A widening has its number, and items, each once. Nothing was written.")
    request = {"widening": to_json(found), "reasons": checked_reasons(reasons)}
    return write_act(books, new, WIDENING, (AUTHORISATION, authorisation_id), request, instance=found.number)


def _violation(violation: Mapping[str, str]) -> dict[str, str]:
    if violation["kind"] not in VIOLATIONS:
        raise InvalidAuthorisationError(f"A violation is one of {', '.join(sorted(VIOLATIONS))}. Nothing was written.")
    if _DIGEST.fullmatch(violation["evidence_digest"]) is None:
        raise InvalidAuthorisationError("evidence_digest is SHA-256 in lower-case hex. Nothing was written.")
    reasons = checked_reasons(violation["reasons"])
    return {"kind": violation["kind"], "reasons": reasons, "evidence_digest": violation["evidence_digest"]}
