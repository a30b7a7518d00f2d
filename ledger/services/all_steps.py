"""Every step that waits for the chain, registered: who completes steps imports this, and with it each module that has one.

A feature adds its module here; a test holds this list against the modules that register steps.
"""

from ledger.services import (
    agreement_steps,
    dispute_referral,
    order_chain,
    participant_completion,
    product_chain,
    product_freeze,
)
from ledger.services.steps import step_names

__all__ = [
    "agreement_steps",
    "dispute_referral",
    "order_chain",
    "participant_completion",
    "product_chain",
    "product_freeze",
    "step_names",
]
