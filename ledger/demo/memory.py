"""What the story keeps in its folder: where it is, the bodies' own keys, their papers. Files with secrets have the mode 0600.

``story.json`` names what was made, so that a second run goes on; everything else about an object is asked from the service.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from coincurve import PrivateKey

from ledger.adapters.embedded.suite_keys import load_or_create_body_keys
from ledger.adapters.files.durable import create_file, make_folder, replace_file
from ledger.adapters.files.keys import load_key_file
from ledger.demo.offices import Paper
from ledger.errors import SettingsError

FOLDER: Final = "demo"
STORY_FILE: Final = "story.json"
PURPOSES: Final = ("business", "finance")
VERSION: Final = 1


class Memory:
    """The story's folder inside a data folder.

    Args:
        data_folder: the installation's.
        today: day of the first run; later runs keep the one they find.

    Raises:
        SettingsError: ``story.json`` is damaged, or of another version.
    """

    def __init__(self, data_folder: Path, today: date) -> None:
        self.folder = data_folder / FOLDER
        self._installation_keys = data_folder / "keys" / "bodies"
        make_folder(self.folder)
        self._path = self.folder / STORY_FILE
        fresh = {"v": VERSION, "story": secrets.token_hex(8), "begun_on": today.isoformat()}
        create_file(self._path, _encoded(fresh))
        try:
            self._facts: dict[str, Any] = json.loads(self._path.read_bytes())
            is_ours = self._facts["v"] == VERSION
            self.name: str = self._facts["story"]
            self.begun_on = date.fromisoformat(self._facts["begun_on"])
        except (ValueError, KeyError, TypeError):
            is_ours = False
        if not is_ours:
            raise SettingsError(f"{self._path} is damaged, or of another version; begin with a new --data-dir")

    def get(self, name: str, default: Any = None) -> Any:
        """A fact that an earlier step kept; the default when there is none."""
        return self._facts.get(name, default)

    def keep(self, **facts: Any) -> None:
        """Keeps facts, durably."""
        self._facts |= facts
        replace_file(self._path, _encoded(self._facts), 0o600)

    def day_of(self, part: str, today: date) -> date:
        """The day on which a part of the story began: today at the first call, then the day that is kept."""
        name = f"{part}_begun_on"
        if name not in self._facts:
            self.keep(**{name: today.isoformat()})
        return date.fromisoformat(self._facts[name])

    def write_name(self, what: str) -> str:
        """The Idempotency-Key of a write that the story does once: the same after a crash."""
        return f"demo-{self.name}-{what}"

    def private_keys(self, office: str) -> dict[str, bytes]:
        """The office's own secp256k1 keys by purpose, made at the first call."""
        return {purpose: self.private_key(office, purpose, PrivateKey().secret) for purpose in PURPOSES}

    def private_key(self, office: str, purpose: str, make: bytes) -> bytes:
        """The office's own key for a purpose: ``make`` at the first call, then what that call kept; 32 bytes."""
        path = self.folder / "keys" / f"{office}-{purpose}.key"
        make_folder(path.parent)
        create_file(path, make.hex().encode() + b"\n")
        return load_key_file(path)

    def installation_keys(self) -> Mapping[str, bytes]:
        """The business keys of the installation's bodies with reserved roles, by role."""
        keys = load_or_create_body_keys(self._installation_keys, may_create=False).business
        return {role.lower(): key for role, key in keys.items()}

    def api_key(self, desk: str, make: str) -> str:
        """The API key of a desk: ``make`` at the first call, then what that call kept."""
        path = self.api_key_path(desk)
        make_folder(path.parent)
        create_file(path, make.encode() + b"\n")
        return self.kept_api_key(desk)

    def kept_api_key(self, desk: str) -> str:
        """The API key of a desk that ``api_key`` was called for."""
        return self.api_key_path(desk).read_text(encoding="ascii").strip()

    def api_key_path(self, desk: str) -> Path:
        """Where the API key of a desk is kept."""
        return self.folder / "desks" / f"{desk}.api-key"

    def write_papers(self, papers: list[Paper]) -> None:
        """Puts the papers down; those that are there stay."""
        folder = self.folder / "papers"
        make_folder(folder)
        for paper in papers:
            create_file(folder / paper.file, paper.text.encode())

    def write_once(self, name: str, content: bytes) -> bytes:
        """A file of the story: ``content`` at the first call, then what that call kept."""
        path = self.folder / name
        create_file(path, content)
        return path.read_bytes()

    def write_file(self, name: str, content: bytes) -> Path:
        """A file of the story's own making, written again at each run."""
        path = self.folder / name
        replace_file(path, content)
        return path


def _encoded(facts: Mapping[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n"
