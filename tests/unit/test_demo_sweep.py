"""Before both books are compared, the authorisation platform began and ended a look at everything after the last write."""

from pathlib import Path
from typing import Any

from support.demo_play import PlayedCity, PlayedService

from ledger.client.platform import PlatformConnection
from ledger.demo.platform import Platform


class Looks:
    """A platform that looks at two kinds, one after the other: at every second question a look of one of them ends, and the next begins.

    The looks of the beginning are under way when something is written: only the second end of each is that of a look that began after it.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.ends: dict[str, int] = {"order": 0, "agreement": 0}
        self.compared_after: dict[str, int] = {}

    def __call__(self, who: str, asked: str, sent: Any) -> Any:
        if asked == "GET /v1/status":
            self.asked += 1
            if self.asked % 2 == 0:
                self.ends["order" if self.asked % 4 else "agreement"] += 1
            shown = {kind: f"2026-03-02T00:00:{ends:02}Z" if ends else None for kind, ends in self.ends.items()}
            return {"kinds": [{"kind": kind, "swept_at": at} for kind, at in shown.items()]}
        self.compared_after = dict(self.ends)
        return {"items": [], "next_cursor": None}


def test_look_that_was_under_way_does_not_count(tmp_path: Path) -> None:
    looks = Looks()
    city = PlayedCity(PlayedService(looks), tmp_path)
    platform = Platform(city, PlatformConnection("http://platform", {"reader": "clk_1", "handler": "clk_2"}))
    platform.close()
    platform.reader = city.take_seat("platform", "").client
    assert platform.compare() == []
    assert all(ends >= 2 for ends in looks.compared_after.values()), looks.compared_after
