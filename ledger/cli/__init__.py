"""The command line."""


def main() -> None:
    """Entry point of the ``cityledger`` command."""
    from ledger.cli.app import app  # noqa: PLC0415 - keeps `import ledger.cli` free of the command line's imports

    app()
