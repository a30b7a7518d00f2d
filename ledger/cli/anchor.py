"""``cityledger anchor``: becomes ``python -m anchor``."""

from ledger.cli.programs import become


def command() -> None:
    """Run the anchor service alone, with settings from the environment.

    The settings are the variables CITYLEDGER_...; ledger/SETTINGS.md, installed with the package, lists them. Needs the extra
    `server`. A second one waits until the first one's lease lapses.

    Example: CITYLEDGER_DATABASE_URL=postgresql://... cityledger anchor
    """
    become("anchor")
