"""Every write of every step from an application to the dissolved agreement, failed in its turn: nothing of the step is left, or all of it.

As ``test_use_case_steps`` tells of admission and listing: each write, commit and answer of each request fails, the process ends there or its
connection breaks, and the client repeats with the same idempotency key; then the anchor service brings the call to the chain and fails
alike. In between the other platform reads everything, and its books agree. At the end ``fsck`` finds nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.killed_trade import (
    KilledCity,
    events_of,
    fsck,
    killed_city,
    tell_application,
    tell_call_off,
    tell_negotiation,
    tell_order,
)
from support.killed_writes import ANSWER, FORMS, WRITE_COMMIT, killed_service

SQL = "ledger.adapters.sql."

WRITES = {
    "unit_of_work.SqlUnitOfWork.create: INSERT objects",
    "unit_of_work.SqlUnitOfWork._keep: INSERT object_history",
    "unit_of_work.SqlUnitOfWork.change: UPDATE objects",
    "outbox.add_all: UPDATE outbox_head",
    "outbox.add_all: INSERT outbox",
    "idempotency.keep_answer: INSERT idempotency_keys",
    WRITE_COMMIT,
    ANSWER,
}
"""Of every step."""

ON_CHAIN = {
    "unit_of_work.SqlUnitOfWork.call_chain: INSERT chain_calls",
    "unit_of_work.SqlUnitOfWork.set_deadline: INSERT deadlines",
    "unit_of_work.SqlUnitOfWork.meet_deadline: UPDATE deadlines",
    "chain_calls.carry: DELETE chain_call_attempts",
    "chain_calls.carry: UPDATE chain_calls",
    "chain_calls.set_state: UPDATE chain_calls",
    *(f"commit anchor.call_rows.CallRows.{name}" for name in ("stage", "mined", "final")),
}
"""Of steps that the chain decides."""


@dataclass(frozen=True)
class Row:
    """One story: its writes beside those of every step, and how often which event is told; whatever failed, never more often."""

    tell: Callable[[KilledCity], None]
    writes: set[str]
    events: dict[str, int]


APPLICATION = Row(
    tell_application,
    set(),
    dict.fromkeys(
        ("application.submitted", "application.first_reviewed", "application.approved", "authorisation.granted"), 1
    ),
)
ORDER = Row(
    tell_order,
    ON_CHAIN,
    {
        "act.signed": 7, "act.confirmed": 6, "control_instruction.issued": 2,
        **{f"order.{name}": 1 for name in ("drafted", "placing_asked", "placed", "confirmation_asked", "confirmed", "contracted")},
        **{f"agreement.{name}": 1 for name in ("generated", "signatures_asked", "concluded", "filing_asked", "filed", "end_asked", "ended")},
    },
)  # fmt: skip
CALL_OFF = Row(
    tell_call_off,
    ON_CHAIN,
    {
        "act.signed": 5, "act.confirmed": 4, "control_instruction.issued": 1,
        **{f"order.{name}": 1 for name in ("drafted", "placing_asked", "placed", "confirmation_asked", "confirmed")},
        **{f"agreement.{name}": 1 for name in ("generated", "signatures_asked", "concluded", "filing_asked", "filed")},
    },
)  # fmt: skip
NEGOTIATION = Row(
    tell_negotiation,
    {"sealed_parts.put: UPDATE objects"},
    {
        "connector_credential.set": 1,
        "connector_credential.removed": 1,
        "order.drafted": 1,
        "negotiation.issued": 5,
        "negotiation.delivered": 5,
        "negotiation.received": 4,
    },
)


@pytest.fixture
def city(request: pytest.FixtureRequest, migrated_url: str, tmp_path: Path) -> Iterator[KilledCity]:
    crash = request.param == "process ends"
    with killed_service(migrated_url, tmp_path, crash=crash) as service, killed_city(service) as city:
        yield city


@pytest.mark.parametrize("city", FORMS, indirect=True)
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(APPLICATION, id="application"),
        pytest.param(ORDER, id="order"),
        pytest.param(CALL_OFF, id="call-off", marks=pytest.mark.long),
        pytest.param(NEGOTIATION, id="negotiation", marks=pytest.mark.long),
    ],
)
@pytest.mark.timeout(900)
def test_step_that_fails_at_every_write_is_done_once(city: KilledCity, row: Row) -> None:
    before = events_of(city.service)
    row.tell(city)
    assert events_of(city.service) - before == row.events
    assert {step.removeprefix(SQL) for step in city.service.explorer.failed} == WRITES | row.writes
    assert fsck(city.service) == []
