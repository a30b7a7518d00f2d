"""The story's negotiation after a kill and at another address: an old one that led to nothing is begun anew, and nothing is asked in a used name."""

from pathlib import Path
from typing import Any

import pytest
from support.demo_play import KilledError, Kills, PlayedCity, PlayedService, killed_at_every_turn

from ledger.demo.dealings import TALK
from ledger.demo.negotiation import negotiate
from ledger.demo.offices import BANK, DATA_COMPANY
from ledger.errors import ConflictError

OFFER = {"@id": "urn:dataset", "hasPolicy": [{"@id": "urn:offer"}]}


class Talks:
    """Both sides of every negotiation; a message arrives at once."""

    def __init__(self) -> None:
        self.opened: list[dict[str, Any]] = []

    def __call__(self, who: str, asked: str, sent: Any) -> Any:
        if asked.startswith("POST /v1/connector-credentials"):
            return {}
        if asked.startswith("GET /v1/catalog"):
            return OFFER
        if asked == "POST /v1/negotiations":
            self.opened.append(
                {"address": sent["address"], "steps": ["request"], "state": "REQUESTED", "refusal": None}
            )
            return self._view(len(self.opened) - 1, "bank")
        side, _, number = asked.split("/")[3].partition("-")
        found = self.opened[int(number)]
        if asked.startswith("POST"):
            assert sent["act"] == TALK[len(found["steps"])][1]
            found["steps"].append(sent["act"])
            found["state"] = "FINALIZED" if sent["act"] == "finalize" else "AGREED"
        return self._view(int(number), side)

    def _view(self, number: int, side: str) -> dict[str, Any]:
        shown = {**self.opened[number], "negotiation_id": f"{side}-{number}", "pending": None}
        return {**shown, "provider_pid": f"company-{number}"}


def city_of(talks: PlayedService, folder: Path, kills: Kills | None = None, *, port: int = 1) -> PlayedCity:
    city = PlayedCity(talks, folder, kills, port=port)
    for office in (BANK, DATA_COMPANY):
        city.take_seat(office.name, office.code)
        city.memory.api_key(office.name, "clk_1")
    return city


def test_kill_at_any_turn_leaves_one_negotiation(tmp_path: Path) -> None:
    rounds: dict[int, tuple[Talks, PlayedService]] = {}

    def play(kills: Kills, number: int) -> None:
        talks, service = rounds.setdefault(number, (talks := Talks(), PlayedService(talks)))
        assert negotiate(city_of(service, tmp_path / str(number), kills), "P1") == "bank-0"
        assert [one["steps"] for one in talks.opened] == [[act for _, act, _ in TALK]]

    assert (
        killed_at_every_turn(play) == 4 + len(TALK) - 1
    )  # two credentials, the first request, what is kept of it, the other messages


@pytest.mark.parametrize("turn", range(1, 5))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_kill_and_another_port_lead_to_an_agreement(tmp_path: Path, turn: int, *, after: bool) -> None:
    talks = Talks()
    service = PlayedService(talks)
    with pytest.raises(KilledError):
        negotiate(city_of(service, tmp_path, Kills(turn, after=after)), "P1")
    pid = negotiate(city_of(service, tmp_path, port=2), "P1")
    assert talks.opened[int(pid.partition("-")[2])]["address"].startswith("http://city:2/")


@pytest.mark.parametrize(
    "how", [{"refusal": {"reason": "gone"}}, {"state": "TERMINATED"}], ids=["refused", "terminated"]
)
def test_what_ended_badly_at_an_old_address_is_begun_anew(tmp_path: Path, how: dict[str, Any]) -> None:
    talks = Talks()
    service = PlayedService(talks)
    with pytest.raises(KilledError):
        negotiate(city_of(service, tmp_path, Kills(5)), "P1")
    talks.opened[0] |= how
    assert negotiate(city_of(service, tmp_path, port=2), "P1") == "bank-1"


@pytest.mark.parametrize(
    "how", [{"refusal": {"reason": "gone"}}, {"state": "TERMINATED"}], ids=["refused", "terminated"]
)
def test_what_ended_badly_at_this_address_stops_the_story(tmp_path: Path, how: dict[str, Any]) -> None:
    talks = Talks()
    service = PlayedService(talks)
    with pytest.raises(KilledError):
        negotiate(city_of(service, tmp_path, Kills(5)), "P1")
    talks.opened[0] |= how
    with pytest.raises(ConflictError):
        negotiate(city_of(service, tmp_path), "P1")


def test_final_one_of_an_old_address_is_kept(tmp_path: Path) -> None:
    talks = Talks()
    service = PlayedService(talks)
    negotiate(city_of(service, tmp_path), "P1")
    assert negotiate(city_of(service, tmp_path, port=2), "P1") == "bank-0"
    assert len(talks.opened) == 1
