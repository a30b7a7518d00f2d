"""Durable file writes: the one way this project puts bytes on disk that must survive a crash.

The order is: temporary file beside the target, write, fsync, rename (or link), fsync of the folder. A crash before the rename
leaves only a temporary file that nobody reads; after it, the whole new content.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def fsync_folder(folder: Path) -> None:
    """Makes the folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """Creates a folder and its parents durably; an existing one is left as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode)
    folder.mkdir(mode=mode, exist_ok=True)
    fsync_folder(folder.parent)


def _write_temporary(target: Path, data: bytes, mode: int) -> Path:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    except BaseException:  # Ctrl-C too
        temporary.unlink(missing_ok=True)  # a full disk is tried again and again; halves must not fill it further
        raise
    finally:
        os.close(descriptor)
    return temporary


def replace_file(
    target: Path,
    data: bytes,
    mode: int = 0o600,
    *,
    sync_folder: bool = True,
    confirm: Callable[[], None] | None = None,
) -> None:
    """Replaces ``target`` with ``data``; readers see the old bytes or the new ones, never a mixture.

    With ``sync_folder=False`` the caller syncs the folder itself, once for many files. ``confirm`` is asked right before the
    replacement; if it raises, ``target`` stays as it was.
    """
    temporary = _write_temporary(target, data, mode)
    try:
        if confirm is not None:
            confirm()
        temporary.replace(target)
    except BaseException:  # Ctrl-C too
        temporary.unlink(missing_ok=True)
        raise
    if sync_folder:
        fsync_folder(target.parent)


def create_file(target: Path, data: bytes, mode: int = 0o600) -> bool:
    """Creates ``target`` with ``data`` unless it exists; returns whether this call made it.

    Of several callers at once exactly one wins (link is atomic and never overwrites); the others find the winner's file whole.
    """
    temporary = _write_temporary(target, data, mode)
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    fsync_folder(target.parent)
    return True
