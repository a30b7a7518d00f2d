"""``cityledger api``: becomes ``python -m api``."""

from ledger.cli.programs import become


def command() -> None:
    """Run the HTTP API alone, with settings from the environment.

    The settings are the variables CITYLEDGER_...; ledger/SETTINGS.md, installed with the package, lists them. Needs the extra
    `server`.

    Example: CITYLEDGER_DATABASE_URL=postgresql://... cityledger api
    """
    become("api")
