"""``cityledger demo`` killed in the middle of its second part, again and again: each next run goes on, and nothing is made twice."""

import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.demo_city import City, require_made_once, start
from support.readme import READY_LINE

WITHIN_S = 600
KILLED_AFTER = (
    "the trading platform passes the first review",
    "and grants the list",
    "the company offers 5,000",
    "the bank accepts",
    "the bank orders 1,000 calls",
    "the company draws up an agreement",
    "the authorisation platform issues the bank's usage token",
    "the bank orders 200 calls",
    "with its termination voucher",
    "9. Two platforms, one account",
)
"""What was said last before a kill."""


@pytest.mark.long
@pytest.mark.timeout(WITHIN_S * (len(KILLED_AFTER) + 1))
def test_story_that_is_killed_at_every_turn_comes_to_the_same_end(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    for said in KILLED_AFTER:
        process, log = start(folder)
        _wait_until_said(process, log, said)
        process.kill()
        process.wait(60)
    process, log = start(folder)
    try:
        _wait_until_said(process, log, READY_LINE)
        assert "both books agree" in log.read_text()
        with closing(City(folder, log.read_text(), 0, process)) as city:
            require_made_once(city)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait_until_said(process: "subprocess.Popen[bytes]", log: Path, said: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while said not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
