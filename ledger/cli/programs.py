"""Turning this process into one of the service's programs, which the command line does not import."""

import os
import sys
from typing import NoReturn

from ledger.cli.children import require_server_parts
from ledger.cli.console import errors_as_one_line


def become(module: str) -> NoReturn:
    """Replace this process by ``python -m MODULE``, so that signals and exit codes are its own."""
    with errors_as_one_line():
        require_server_parts()
    # -P: a folder named like the module in the working folder is not taken for it
    os.execv(sys.executable, [sys.executable, "-P", "-m", module])  # noqa: S606 - our own interpreter and module
