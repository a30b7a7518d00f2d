"""Files that nobody else may read: keys and passwords."""

import os
import stat
from pathlib import Path
from typing import IO, Any

from ledger.errors import SettingsError


def require_private(file: IO[Any], path: Path, remedy: str) -> None:
    """Refuses an open file that other users can read: what it holds may be known to them.

    Args:
        file: itself, so that it is the one that is read.
        path: as it is named to the user.
        remedy: what to do besides closing it to others.

    Raises:
        SettingsError: its mode lets group or others do anything.
    """
    mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    if mode & 0o077:
        raise SettingsError(f"{path} can be read by other users (mode {mode:04o}): chmod 600 it, and {remedy}")
