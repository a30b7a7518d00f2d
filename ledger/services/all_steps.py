"""Every step that waits for the chain, registered: who completes steps imports this, and with it each module that has one.

A feature adds its module here; a test holds this list against the modules that register steps.
"""

from ledger.services.steps import step_names

__all__ = ["step_names"]
