"""The story's bodies over services that are no services: what they are asked is answered by functions, and a kill comes where a test wants."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ledger.adapters.files.keys import secp256k1_address
from ledger.client.calls import Call
from ledger.client.runners import PageCall
from ledger.client.transport import Response
from ledger.demo.city import City, Desk, Place
from ledger.demo.memory import Memory

T = TypeVar("T")
TODAY = date(2026, 3, 2)
Sent = Mapping[str, Any]
Answers = Callable[[str, str, Sent], Mapping[str, Any]]
"""From the body that asks, method and path in one, and what was sent."""


class KilledError(BaseException):
    """Nothing in the story may catch it, as nothing can of a kill."""


class Kills:
    """One kill, before or after the n-th durable thing; 0 for none."""

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self.at, self.after, self.seen = at, after, 0

    def around(self, act: Callable[[], T]) -> T:
        self.seen += 1
        is_here = self.seen == self.at
        if is_here and not self.after:
            raise KilledError
        done = act()
        if is_here:
            raise KilledError
        return done


class PlayedService:
    """Answers as a service does: a write under a name that it knows is answered as before, or refused when another thing is asked."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._written: dict[str, tuple[tuple[str, bytes | None], bytes]] = {}

    def take(self, who: str, call: Call[Any]) -> Response:
        name, asked = call.headers.get("Idempotency-Key"), (call.path, call.body)
        if name in self._written:
            before, answer = self._written[name]
            assert before == asked, f"idempotency_key_reused: {name}"
            return Response(200, {}, answer)
        sent = json.loads(call.body) if call.body else {}
        answer = json.dumps(self._answers(who, f"{call.method} {call.path}", sent)).encode()
        if name is not None:
            self._written[name] = (asked, answer)
        return Response(200, {"etag": '"1"'}, answer)


class PlayedClient:
    """What a desk asks by, in place of ``ledger.client.runners.Client``."""

    def __init__(self, service: PlayedService, who: str, kills: Kills) -> None:
        self._service, self._who, self._kills = service, who, kills

    def each(self, page: PageCall) -> Iterator[Mapping[str, Any]]:
        yield from self.run(page(None)).items

    def run(self, call: Call[T]) -> T:
        def take() -> T:
            return call.read(self._service.take(self._who, call))

        return take() if call.method == "GET" else self._kills.around(take)


class KilledMemory(Memory):
    """A memory that keeps nothing, or keeps and is killed then."""

    def __init__(self, folder: Path, kills: Kills) -> None:
        super().__init__(folder, TODAY)
        self._kills = kills

    def keep(self, **facts: Any) -> None:
        self._kills.around(lambda: super(KilledMemory, self).keep(**facts))


class PlayedCity(City):
    """A city whose desks ask a played service.

    ``said``: its lines.
    """

    def __init__(
        self,
        service: PlayedService,
        folder: Path,
        kills: Kills | None = None,
        *,
        port: int = 1,
        contracts: Mapping[str, bytes] | None = None,
    ) -> None:
        self.kills, self.service, self.said = kills or Kills(), service, list[str]()
        place = Place(f"http://city:{port}", "http://node", 1, dict(contracts or {}))
        super().__init__(place, KilledMemory(folder, self.kills), self.said.append, lambda: None)

    def take_seat(self, name: str, code: str, *private_keys: bytes) -> Desk:
        keys = {secp256k1_address(key): key for key in private_keys}
        client: Any = PlayedClient(self.service, name, self.kills)
        self._desks[name] = Desk(name, code, client, keys)
        return self._desks[name]


def killed_at_every_turn(play: Callable[[Kills, int], None]) -> int:
    """Plays a step from the start again and again, killed before its first durable thing, after it, before the second, and so on.

    Args:
        play: plays one round with these kills; the number is the round's own, for a folder and a service of its own. It is called
            once with a kill and, when that came, again without one.

    Returns:
        How many durable things there are.
    """
    at = 0
    while True:
        at += 1
        for after in (False, True):
            kills, number = Kills(at, after=after), 2 * at + after
            try:
                play(kills, number)
            except KilledError:
                play(Kills(), number)
            else:
                return at - 1
