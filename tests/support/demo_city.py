"""``cityledger demo`` as a person starts it, and the city that its story leaves behind, with a desk for everybody."""

import json
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.live_service import environment_without_settings
from support.readme import DEMO
from support.repository import ROOT

from ledger.client import agreements, applications, evidence, negotiations, orders, usage_tokens
from ledger.client.calls import get_object
from ledger.client.runners import Client
from ledger.errors import RefusedByServiceError

INSTALLATION = (
    *("operator", "regulator", "auditor", "arbitrator"),
    *("trading_platform", "authorisation_platform", "price_authority", "line_authority"),
)


@dataclass
class City:
    """The city after the story: its folder, what was said and in how many seconds that was seen, and a desk for everybody."""

    folder: Path
    said: str
    seen_s: float
    process: "subprocess.Popen[bytes]"
    clients: dict[str, Client] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        connection = json.loads((self.folder / "connection.json").read_text())
        self.api_url, self.rpc_url = connection["api_url"], connection["rpc_url"]
        api_keys = {role: connection["api_keys"][role] for role in INSTALLATION}
        for path in (self.folder / "demo" / "desks").iterdir():
            api_keys[path.name.removesuffix(".api-key")] = path.read_text().strip()
        self.clients = {desk: Client(self.api_url, api_key) for desk, api_key in api_keys.items()}

    @property
    def story(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "demo" / "story.json").read_text())
        return found

    def objects(self, what: str) -> list[dict[str, Any]]:
        """The objects that the story lists under a name."""
        found = [one for one in self.story["objects"] if one["what"].startswith(what)]
        assert found, what
        return found

    def object(self, what: str) -> dict[str, Any]:
        [found] = [one for one in self.story["objects"] if one["what"] == what]
        return found

    def told(self, what: str) -> Mapping[str, Any]:
        """An object of the story, read by the desk that the story names."""
        one = self.object(what)
        return self.read(one["path"], one["desk"])

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def read(self, path: str, desk: str, **params: str) -> Mapping[str, Any]:
        """What is there, as this desk is shown it; a refusal raises."""
        return self.clients[desk].run(get_object(path, **params)).value

    def readers(self, path: str) -> set[str]:
        """The desks that are shown it; all others are refused, or told that there is no such thing."""
        return {desk for desk in self.clients if self._is_shown(path, desk)}

    def _is_shown(self, path: str, desk: str) -> bool:
        try:
            self.read(path, desk)
        except RefusedByServiceError as refusal:
            if refusal.facts["status"] not in {403, 404}:
                raise
            return False
        return True

    def events(self, **params: Any) -> list[Mapping[str, Any]]:
        return self.clients["operator"].run(evidence.search_events(limit=1000, **params)).items

    def events_of(self, subject: str) -> list[Mapping[str, Any]]:
        return self.events(tag=("case", subject))


def start(folder: Path, *arguments: str) -> "tuple[subprocess.Popen[bytes], Path]":
    """The README's command, in a folder and on a port of its own."""
    log = folder.with_name(f"{folder.name}-{time.monotonic_ns()}.log")
    command = [*shlex.split(DEMO), "--data-dir", str(folder), "--port", "0", *arguments]
    with log.open("wb") as output:
        environment = environment_without_settings()
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    return process, log


def require_made_once(city: City) -> None:
    """However often something was killed, there is one of everything that the second part tells."""
    bank, bank_code = city.clients["bank"], city.object("participant bank")["subject"]
    assert [one["state"] for one in bank.run(applications.get_applications()).items] == ["approved"]
    assert [one["state"] for one in bank.run(orders.get_orders()).items] == ["in_force", "in_force"]
    found = Counter(one["state"] for one in bank.run(agreements.get_agreements()).items)
    assert found == {"in_performance": 1, "filed": 1, "terminated": 1}
    assert [one["counter"]["spent"] for one in bank.run(usage_tokens.get_usage_tokens()).items] == [1]
    known = bank.run(negotiations.get_negotiations()).items
    own = [one["state"] for one in known if (one["consumer"], one["side"]) == (bank_code, "consumer")]
    assert (
        own.count("FINALIZED") == 1
    )  # one that was not over when the service came back at another address was begun anew
