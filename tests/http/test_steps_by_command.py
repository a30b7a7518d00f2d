"""A body's way by commands and files alone: from the application to the filed agreement, and what a command says when it cannot go on."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.a_service import Service
from support.application_http import APPLICATION, HttpUse
from support.http_double import DROP, Answer, http_double
from support.product_http import Bodies, HttpLife
from support.steps_by_command import StepsByCommand
from support.trade_http import REASON, HttpTrade, order_content, settle_trade

from ledger.cli import write


@pytest.fixture
def steps(trading: Service, bodies: Bodies, tmp_path: Path) -> StepsByCommand:
    return StepsByCommand(trading.url, bodies.keys, tmp_path)


def test_body_goes_from_the_application_to_the_filed_agreement_with_commands_alone(
    steps: StepsByCommand, selected: HttpTrade
) -> None:
    use = HttpUse(LifeByCommand(steps, selected))
    use.until_approved()
    assert use.see("bank", APPLICATION)["state"] == "approved"

    trade = replace(selected, ask=steps.ask).drafted().placed().confirmed().generated().signed().filed()
    assert (trade.order()["state"], trade.agreement()["state"]) == ("in_force", "filed")
    assert steps.commands == 14, "every step and every look was a command"


class LifeByCommand(HttpLife):
    """A product that is on sale already, whose bodies ask by commands."""

    def __init__(self, steps: StepsByCommand, selected: HttpTrade) -> None:
        super().__init__(client=None, bodies=selected.bodies, code=selected.code)  # type: ignore[arg-type]  it asks by command
        self.ask = steps.ask  # type: ignore[method-assign]


def test_every_line_of_the_walk_through_works(steps: StepsByCommand, selected: HttpTrade) -> None:
    content = order_content(selected.code, selected.demand_id)
    (steps.folder / "order.json").write_text(json.dumps(content), encoding="utf-8")
    before = {one["order_id"] for one in selected.read("bank", "/v1/orders?state=drafted")["items"]}
    made = json.loads(steps.run("bank", "write", "/v1/orders", "order.json").stdout)
    said = steps.walk("bank", 0, ORDER=made["order_id"])
    listed = {one["order_id"] for one in json.loads(said[1])["items"]}
    assert listed - before == {made["order_id"], json.loads(said[0])["order_id"]}
    assert (json.loads(said[2])["state"], json.loads(said[3])["state"]) == ("drafted", "placing")
    [act] = [one for one in json.loads(said[4])["items"] if one["subject"]["object_id"] == made["order_id"]]
    assert act["state"] == "open"

    settle_trade(selected.bodies)
    voucher, _ = steps.walk("bank", 1, ORDER=made["order_id"])
    assert json.loads(voucher)["order_id"] == made["order_id"]
    assert (steps.folder / "voucher.pdf").read_bytes().startswith(b"%PDF-")


def test_repeat_with_the_key_is_done_once_and_answered_alike(steps: StepsByCommand, selected: HttpTrade) -> None:
    content = order_content(selected.code, selected.demand_id)
    (steps.folder / "order.json").write_text(json.dumps(content), encoding="utf-8")
    first = steps.run("bank", "write", "/v1/orders", "order.json")
    key = first.stderr.split("--repeat ")[1].split()[0]
    again = steps.run("bank", "write", "/v1/orders", "order.json", "--repeat", key)
    assert (again.exit_code, again.stdout) == (0, first.stdout)

    (steps.folder / "order.json").write_text(json.dumps(content | {"quantity": 7}), encoding="utf-8")
    other = steps.run("bank", "write", "/v1/orders", "order.json", "--repeat", key)
    assert (other.exit_code, other.stdout) == (1, "")
    assert "Idempotency-Key" in other.stderr


def test_refusals_say_why_and_change_nothing(steps: StepsByCommand, selected: HttpTrade) -> None:
    trade = copy.copy(selected).drafted()
    before = trade.order()
    stale = steps.run("bank", "write", f"{trade.order_path}/placing", "--revision", "9")
    foreign = steps.run("provider", "read", f"{trade.order_path}/draft-of-nobody")
    (steps.folder / "reason.json").write_text(json.dumps(REASON), encoding="utf-8")
    early = steps.run("provider", "write", f"{trade.order_path}/rejection", "reason.json")
    (steps.folder / "wrong.json").write_text('{"quantity": "many"}', encoding="utf-8")
    wrong = steps.run("bank", "write", "/v1/orders", "wrong.json")
    assert [one.exit_code for one in (stale, foreign, early, wrong)] == [1] * 4
    assert [one.stdout for one in (stale, foreign, early, wrong)] == [""] * 4
    assert "revision" in stale.stderr and "precondition_failed" in stale.stderr and "quantity" in wrong.stderr
    assert trade.order() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("read", "https://elsewhere.example/v1/orders"), "no route"),
        (("read", "//elsewhere.example/v1/orders"), "no route"),
        (("write", "orders", "object.json"), "no route"),
        (("write", "/v1/orders", "list.json"), "JSON object"),
        (("write", "/v1/orders", "torn.json"), "not JSON"),
        (("write", "/v1/orders", "nowhere.json"), "cannot be read"),
    ],
    ids=str,
)
def test_what_is_wrong_on_the_command_line_is_never_sent(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    for name, text in {"object.json": "{}", "list.json": "[]", "torn.json": "{"}.items():
        (tmp_path / name).write_text(text)
    with http_double(Answer(200)) as double:
        done = StepsByCommand(double.url, {"bank": "clk_bank_secret"}, tmp_path).run("bank", *arguments)
    assert (done.exit_code, double.seen) == (2, [])
    assert told in done.stderr and "clk_bank" not in done.output


def test_step_without_an_answer_names_the_key_with_which_it_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "GIVE_UP_AFTER_S", 0.5)
    with http_double(DROP) as double:
        done = StepsByCommand(double.url, {"bank": "clk_bank_secret"}, tmp_path).run("bank", "write", "/v1/orders")
    key = done.stderr.split("--repeat ")[1].split()[0]
    assert (done.exit_code, {one.headers["idempotency-key"] for one in double.seen}) == (4, {key})
    assert len(double.seen) > 1, "the command tries again by itself, with the same key"


def test_words_of_other_scripts_in_a_query_arrive_as_they_are(tmp_path: Path) -> None:
    with http_double(Answer(200, '{"名":1}'.encode(), {"Content-Type": "application/json"})) as double:
        done = StepsByCommand(double.url, {"bank": "clk_bank_secret"}, tmp_path).run(
            "bank", "read", "/v1/catalog?q=施工 许可&limit=1"
        )
    assert [one.target for one in double.seen] == ["/v1/catalog?q=%E6%96%BD%E5%B7%A5+%E8%AE%B8%E5%8F%AF&limit=1"]
    assert json.loads(done.stdout) == {"名": 1}
