"""The chain is killed before and after each request of every call of an admission, of a listing, and of an order with its agreement:
no step is half done or done twice.

A drill for the long check; what a chain that is away leaves, ``test_durable_calls`` and ``test_chain_calls`` show in every check.
"""

from pathlib import Path

import pytest
from support.killed_chain import chain_killed_service
from support.killed_stories import tell_admission, tell_listing
from support.killed_trade import killed_city, tell_order

pytestmark = pytest.mark.long

REQUESTS = {
    f"chain {name}"
    for name in (
        *("check_chain", "has_code", "block_number", "block_hash_at", "transaction_count"),
        *("simulate_call", "estimate_call", "gas_price", "broadcast", "tx_receipt", "dump_state"),
    )
}
"""What the sender asks a chain for on the way of every call."""


@pytest.mark.parametrize("is_state_lost", [False, True], ids=["state kept", "state lost"])
@pytest.mark.timeout(900)
def test_chain_that_ends_at_every_request_leaves_no_half_step(
    migrated_url: str, tmp_path: Path, *, is_state_lost: bool
) -> None:
    with chain_killed_service(migrated_url, tmp_path, is_state_lost=is_state_lost) as service:
        tell_admission(service)
        tell_listing(service)
        assert {(name, applied) for name in REQUESTS for applied in (False, True)} <= service.kills.killed
        assert service.attempts > 5 * 2 * len(REQUESTS), "at every request of every call"


@pytest.mark.parametrize("is_state_lost", [False, True], ids=["state kept", "state lost"])
@pytest.mark.timeout(1800)
def test_chain_that_ends_at_every_request_leaves_no_half_step_of_an_order(
    migrated_url: str, tmp_path: Path, *, is_state_lost: bool
) -> None:
    with (
        chain_killed_service(migrated_url, tmp_path, is_state_lost=is_state_lost) as service,
        killed_city(service) as city,
    ):
        tell_order(city)
        assert {(name, applied) for name in REQUESTS for applied in (False, True)} <= service.kills.killed
        assert service.attempts > 10 * 2 * len(REQUESTS), "at every request of every call"
