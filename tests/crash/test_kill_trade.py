"""``kill -9`` of the API, of the anchor service, of the chain and of the authorisation platform while a bank applies, is authorised,
negotiates, orders and agrees.

Nobody does anything but the demo, which starts again what ended, and repeats what was not answered; where it cannot, it says so and is
started again. At the end there is one of everything, both platforms' books agree with each other and with the contracts, and ``fsck``
finds nothing.
"""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from random import Random

import psycopg
import pytest
from support.demo_city import City, require_made_once, start
from support.killed_writes import BROKEN
from support.live_service import COMMAND, environment_without_settings
from support.plug import send
from support.readme import READY_LINE

from ledger.client.participants import get_differences
from ledger.client.products import get_product_differences

BEGINS, BOOKS_AGREE = "6. The bank asks to use it", "both books agree"
PLATFORM_FOLDER = "authorisation-platform"
SERVICE_PARTS = ("api", "anchor", "anvil")
PLATFORM_PART = "api.platform"
PAUSE_S = 4.0, 7.0
"""Between two kills: each part comes back, and works a while."""

KILLS = 40
RUNS_MAX = 15
WITHIN_S = 1500


class Story:
    """``cityledger demo`` in one folder, started again whenever it ends before it was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = 0
        self.go_on()

    def go_on(self) -> None:
        """Starts it, or starts it again; it must have said why it ended."""
        if self.runs and self.process.poll() is None:
            return
        assert self.runs < RUNS_MAX, self.said
        assert "Traceback" not in (self.said if self.runs else "")
        self.process, self._log = start(self.folder)
        self.runs += 1

    @property
    def said(self) -> str:
        return self._log.read_text()

    def is_told(self) -> bool:
        return READY_LINE in self.said

    def wait_until(self, said: str) -> None:
        deadline = time.monotonic() + WITHIN_S
        while said not in self.said:
            assert time.monotonic() < deadline, self.said
            self.go_on()
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(90) == 0


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path / "data")
    yield story
    if story.process.poll() is None:
        story.stop()


@pytest.mark.long
@pytest.mark.timeout(2 * WITHIN_S)
def test_parts_killed_while_two_platforms_trade_leave_no_half_step(story: Story) -> None:
    moments = Random(20261122)
    story.wait_until(BEGINS)
    killed = Counter[str]()
    parts = [*SERVICE_PARTS, PLATFORM_PART]
    moments.shuffle(parts)
    for part in cycle(parts):
        time.sleep(moments.uniform(*PAUSE_S))
        if story.is_told() or killed.total() >= KILLS:
            break
        folder = story.folder / PLATFORM_FOLDER if part == PLATFORM_PART else story.folder
        killed[part] += send(folder, part, signal.SIGKILL)
        story.go_on()
    assert killed.keys() == set(parts)
    assert min(killed.values()) > 0, killed
    story.wait_until(READY_LINE)
    assert BOOKS_AGREE in story.said
    with closing(City(story.folder, story.said, 0, story.process)) as city:
        require_made_once(city)
        for differences in (get_differences(), get_product_differences()):
            assert city.clients["operator"].run(differences).items == []
    connection = story.folder / "connection.json"
    with psycopg.connect(json.loads(connection.read_text())["database_url"]) as database:
        for what, query in BROKEN.items():
            assert database.execute(query).fetchall() == [], what  # type: ignore[call-overload]
    fsck = subprocess.run(
        [*COMMAND, "fsck", "--connection", str(connection)],
        capture_output=True,
        env=environment_without_settings(),
        check=False,
    )
    assert fsck.returncode == 0, fsck.stdout.decode()
