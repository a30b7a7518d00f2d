"""What a process owes to the database, on disk for as long as that takes nothing: small lists of JSON objects, each under a name.

A process has a slot: numbered files, and a lock on them while it lives. Nothing is made before something is owed. A process that starts
takes over the slots of those that are gone: it makes what they left durable in its own slot first, and removes it there afterwards,
so a crash between the two leaves it twice and never not at all.
"""

import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import orjson

from ledger.adapters.files.durable import fsync_folder, make_folder, replace_file
from ledger.errors import UnavailableError

_SLOTS_MAX: Final = 256
_LOCK: Final = re.compile(r"([0-9]{1,3})\.lock")


class OwedRecords:
    """One process's slot. Calls may be concurrent.

    Args:
        folder: of all slots; on a disk of the machine, because locks over a network hold nobody off. Made when something is owed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.set_aside: list[Path] = []
        """Files that could not be read."""
        self._turn = threading.Lock()
        self._slot: int | None = None
        self._lock = -1

    def take_over(self, names: Iterable[str]) -> dict[str, list[Any]]:
        """Name -> what processes that are gone have left, which is in this one's slot from now on.

        A file that is no list is set aside under another name.

        Raises:
            UnavailableError: the disk takes nothing, or cannot be read; what was left stays for the next who starts.
        """
        with self._turn:
            try:
                return self._taken_over(names) if self._folder.is_dir() else {name: [] for name in names}
            except OSError as error:
                raise UnavailableError("What is owed to the database cannot be read from its folder.") from error

    def save(self, name: str, values: list[Any]) -> None:
        """Puts a list in place of what stood under its name; durable on return.

        Raises:
            UnavailableError: the disk does not take it; what stood there stays.
        """
        with self._turn:
            try:
                self._replace(name, values)
            except OSError as error:
                raise UnavailableError("What is owed to the database cannot be made durable.") from error

    def close(self) -> None:
        """Lets go of the slot; what is owed stays in it for the next who starts."""
        with self._turn:
            if self._slot is not None:
                os.close(self._lock)
                self._slot = None

    def _replace(self, name: str, values: list[Any]) -> None:
        path = self._file(self._own_slot(), name)
        if values:
            replace_file(path, orjson.dumps(values))
        else:
            path.unlink(missing_ok=True)
            fsync_folder(self._folder)

    def _taken_over(self, names: Iterable[str]) -> dict[str, list[Any]]:
        own = self._own_slot()
        found = {name: self._read(own, name) for name in names}
        left = sorted(int(match[1]) for path in self._folder.iterdir() if (match := _LOCK.fullmatch(path.name)))
        for slot in left:
            descriptor = None if slot == own else self._locked(slot)
            if descriptor is None:
                continue  # its process lives, or another one takes it over
            try:
                self._take(slot, found)
            finally:
                os.close(descriptor)
        return found

    def _take(self, slot: int, found: dict[str, list[Any]]) -> None:
        for name, own in found.items():
            if more := self._read(slot, name):
                found[name] = own + more
                self._replace(name, own + more)  # before it goes there
            self._file(slot, name).unlink(missing_ok=True)
        fsync_folder(self._folder)

    def _read(self, slot: int, name: str) -> list[Any]:
        path = self._file(slot, name)
        try:
            values = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return []
        except orjson.JSONDecodeError:
            values = None
        if isinstance(values, list):
            return values
        self.set_aside.append(path.with_name(f"{path.name}.{secrets.token_hex(4)}.unreadable"))
        path.replace(self.set_aside[-1])
        return []

    def _own_slot(self) -> int:
        if self._slot is None:
            make_folder(self._folder)
            for slot in range(_SLOTS_MAX):
                descriptor = self._locked(slot)
                if descriptor is not None:
                    self._slot, self._lock = slot, descriptor
                    break
            else:
                raise UnavailableError("Every slot for what is owed to the database is another process's.")
        return self._slot

    def _locked(self, slot: int) -> int | None:
        descriptor = os.open(self._folder / f"{slot}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _file(self, slot: int, name: str) -> Path:
        return self._folder / f"{slot}.{name}.json"
