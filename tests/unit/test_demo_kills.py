"""Every step of the story's second part, killed before and after each thing that it writes or keeps: the next run goes on, nothing is made twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.demo_play import TODAY, Kills, PlayedCity, PlayedService, killed_at_every_turn
from support.demo_trade import KEYS, Trade

from ledger.client import agreements
from ledger.client.platform import PlatformConnection
from ledger.demo import city as city_module
from ledger.demo import dealings, second_part
from ledger.demo.agreement import conclude, confirm_order
from ledger.demo.call_off import dissolve, prove_destruction
from ledger.demo.offices import BANK, DATA_COMPANY, Papers
from ledger.demo.permission import obtain_permission, use_once
from ledger.demo.platform import Platform
from ledger.domain.order import NEGOTIATION
from ledger.domain.order_life import SINGLE
from ledger.domain.roles import AUTHORISATION_PLATFORM, TRADING_PLATFORM
from ledger.errors import UnavailableError

PAPERS = Papers(TODAY)
CONTRACTS = {"Orders": bytes(20), "DigitalContractRegistry": bytes(20)}
ORDER = dealings.order(PAPERS, "P1", kind=SINGLE, origin=NEGOTIATION, reference="negotiation", calls=1)
Step = Callable[[PlayedCity, Platform], None]


def platform_of(city: PlayedCity) -> Platform:
    platform = Platform(city, PlatformConnection("http://platform", {"reader": "clk_1", "handler": "clk_2"}))
    platform.close()
    platform.reader = platform._handler = city.take_seat("platform", "").client
    return platform


def city_of(service: PlayedService, folder: Path, kills: Kills | None = None) -> PlayedCity:
    city = PlayedCity(service, folder, kills, contracts=CONTRACTS)
    for office in (BANK, DATA_COMPANY):
        city.take_seat(office.name, office.code, KEYS[office.code])
    city.take_seat(TRADING_PLATFORM, "trading", KEYS["trading"])
    city.take_seat(AUTHORISATION_PLATFORM, "authorisation")
    return city


def permit(city: PlayedCity, platform: Platform) -> None:
    application_id = obtain_permission(city, platform, PAPERS, "P1")
    use_once(city, platform, PAPERS, application_id)


def order(city: PlayedCity, _: Platform) -> None:
    assert confirm_order(city, "order", ORDER) == "orders-1"


def agree(city: PlayedCity, _: Platform) -> None:
    def generate(sealed: object, name: str) -> object:
        return agreements.generate_agreement("orders-1", terms={}, confidential=sealed, idempotency_key=name)

    assert conclude(city, "trial", generate) == "agreement-1"


def end(city: PlayedCity, platform: Platform) -> None:
    agree(city, platform)
    dissolve(city, "agreement-1")
    prove_destruction(city, PAPERS, "agreement-1")


def file_there(city: PlayedCity, platform: Platform) -> None:
    agree(city, platform)
    city.memory.keep(framework="agreement-1", agreement="agreement-1")
    second_part._file_there(city, platform)


@pytest.mark.parametrize(
    ("step", "turns", "made"),
    [
        (
            permit,
            10,
            {"applications": 1, "final-reviews": 1, "authorisations": 1, "usage-tokens": 1, "usage-token-uses": 1},
        ),
        (order, 6, {"orders": 1}),
        (agree, 7, {"agreement": 1}),
        (end, 12, {"agreement": 1}),
        (file_there, 14, {"agreement": 1, "filings": 3}),
    ],
    ids=["permit", "order", "agree", "end", "file_there"],
)
def test_step_that_is_killed_anywhere_goes_on(tmp_path: Path, step: Step, turns: int, made: dict[str, int]) -> None:
    rounds: dict[int, tuple[Trade, PlayedService]] = {}

    def play(kills: Kills, number: int) -> None:
        trade, service = rounds.setdefault(number, (new := Trade(), PlayedService(new)))
        city = city_of(service, tmp_path / str(number), kills)
        step(city, platform_of(city))
        assert trade.made == made
        assert {one.state for one in trade.things.values()} <= {
            "approved",
            "confirmed",
            "filed",
            "terminated",
            "accepted",
        }

    assert killed_at_every_turn(play) == turns


def test_review_that_the_platform_copied_already_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service was asked before the platform's review came in, and the platform's copy is read after that."""
    trade = Trade()

    def answers(who: str, asked: str, sent: object) -> object:
        if asked.startswith("GET /v1/copies/application") and trade.things["applications-1"].state == "first_reviewed":
            return {"state": "approved"}
        return trade(who, asked, sent)

    monkeypatch.setattr(city_module, "GIVE_UP_S", 0.0)
    city = city_of(PlayedService(answers), tmp_path)
    obtain_permission(city, platform_of(city), PAPERS, "P1")
    assert trade.made["authorisations"] == 1


def test_review_that_the_platform_has_not_seen_asked_for_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = Trade()

    def answers(who: str, asked: str, sent: object) -> object:
        return {"state": "submitted"} if asked.startswith("GET /v1/copies") else trade(who, asked, sent)

    monkeypatch.setattr(city_module, "GIVE_UP_S", 0.0)
    city = city_of(PlayedService(answers), tmp_path)
    with pytest.raises(UnavailableError):
        obtain_permission(city, platform_of(city), PAPERS, "P1")
    assert not trade.made["final-reviews"]
