"""Refusals of the six interfaces of TC609-6-2025-14 annex B: the flag of their own that says so, and the reason, for which they have no member.

The HTTP status is that of the problem, and so are ``type``, ``title``, ``code`` and ``detail``; the problem's own ``status``, a number, gives way
to the interface's member of that name, a string. A connector that reads the flag alone is told the truth, one that reads on is told why.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.life_roles import INTERFACES

FAILED: Final = "1"
DONE: Final = "0"
FLAGS: Final = {
    **dict.fromkeys(INTERFACES, "status"),
    "/contractCreate": "creationFlag",
    "/contractNegotiate": "negotiationStatus",
}
"""Path -> the member that says whether it was done."""

_REASON: Final = ("type", "title", "code", "detail")


def failure_value(path: str, problem: Mapping[str, Any]) -> dict[str, Any]:
    """What an interface answers in the place of a problem."""
    reason = {name: problem[name] for name in _REASON if name in problem}
    more = {"contractId": ""} if path == "/contractCreate" else {}
    return {FLAGS[path]: FAILED, **more, **reason}
