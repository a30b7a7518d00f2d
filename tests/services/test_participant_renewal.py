"""A renewed qualification takes nothing away."""

import pytest
from support.participants import OPERATOR, Registry, report

from ledger.errors import ConflictError
from ledger.services import participant_steps


def test_renewal_that_ends_before_the_present_qualification_is_refused() -> None:
    registry = Registry.made()
    registry.admit()
    shorter = report(valid_until="2028-12-30")

    with pytest.raises(ConflictError, match="holds longer than this report"):
        registry.act(participant_steps.renew_qualification, OPERATOR, shorter, registry.bodies)

    as_long = report()
    registry.act(participant_steps.renew_qualification, OPERATOR, as_long, registry.bodies)
    [signer] = registry.open_act().document["signers"]
    assert signer["parameter"] == "authority"
