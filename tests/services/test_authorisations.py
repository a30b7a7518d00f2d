"""Authorisation lists: never wider than application and policy; suspended, withdrawn, given up; widened for a while."""

from collections.abc import Callable
from typing import Any

import pytest
from support.authorisation_world import (
    APPLICATION,
    NOW,
    SECRET,
    TOKEN,
    VIOLATION,
    Bank,
    a_use,
    line,
    list_of,
)
from support.product_world import CODES, content

from ledger.adapters.signing_keys import sign_usage_token
from ledger.domain.authorisation import InvalidAuthorisationError, TooWideAuthorisationError
from ledger.domain.usage_token import UseNotCoveredError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, InputError, NotFoundError
from ledger.services.authorisation_widening import ask_widening, grant_widening, refuse_widening, take_back_widening
from ledger.services.authorisations import (
    Violation,
    give_up_authorisation,
    grant_authorisation,
    resume_authorisation,
    suspend_authorisation,
    withdraw_authorisation,
)
from ledger.services.business import StoredObject
from ledger.services.usage_token_spending import spend_usage_token

WIDER = {"items": [line(fields=["许可证号", "日期", "单位"], valid_until="2026-12-31", calls=50)]}
REASONS = "年末集中放款"


@pytest.fixture
def bank() -> Bank:
    return Bank.authorised()


def ask(bank: Bank, asked: dict[str, Any] | None = None) -> StoredObject:
    done: StoredObject = bank.do("bank", ask_widening, APPLICATION, asked or WIDER, REASONS)
    return done


def stored(bank: Bank) -> StoredObject:
    return bank.world.objects["authorisation", APPLICATION]


def test_list_is_granted_once_from_an_approved_application(bank: Bank) -> None:
    granted = stored(bank)
    assert (granted.state, granted.parties[0], granted.document["issuer"]) == (
        "in_force",
        CODES["bank"],
        CODES["authorisation"],
    )
    assert granted.document["listed"]["bans"] == ["marketing", "onward_authorisation", "other_scenario"]
    assert "traced" in granted.document["listed"]["tracing_duty"]
    assert bank.events()[-1] == "authorisation.granted.v1"
    with pytest.raises(ConflictError, match="already"):
        bank.grant()


def test_application_that_is_not_approved_gives_no_list() -> None:
    bank = Bank()
    bank.submit()
    with pytest.raises(ConflictError, match="not approved"):
        bank.grant()


@pytest.mark.parametrize(
    ("listed", "beyond"),
    [
        (list_of(scenario="别的"), "scenario"),
        (list_of(purpose="research"), "purpose"),
        (list_of(line(item="别的")), "item"),
        (list_of(line(item_type="report")), "item_type"),
        (list_of(line(fields=["许可证号", "单位"])), "fields"),
        (list_of(line(actions=["read", "compute"])), "actions"),
        (list_of(line(calls=1_001)), "calls"),
        (list_of(line(valid_from="2026-11-01")), "valid_from"),
        (list_of(line(valid_until="2027-11-01")), "valid_until"),
    ],
)
def test_list_beyond_the_application_is_refused(listed: dict[str, Any], beyond: str) -> None:
    bank = Bank.approved()
    with pytest.raises(TooWideAuthorisationError) as refused:
        bank.grant(listed)
    assert refused.value.facts["beyond"] == beyond
    assert ("authorisation", APPLICATION) not in bank.world.objects


@pytest.mark.parametrize(
    ("policy", "is_allowed"),
    [
        (content()["policy"], True),
        ({"@type": "Offer", "permission": [{"action": "compute"}]}, False),
        ({"@type": "Offer", "permission": [{"action": "use"}]}, True),
        ({"@type": "Offer", "permission": [{"action": "read"}], "prohibition": [{"action": "read"}]}, False),
        *(
            ({"@type": "Offer", "permission": [{"action": "read", "constraint": [
                {"leftOperand": operand, "operator": operator, "rightOperand": value}]}]}, is_allowed)
            for operand, operator, value, is_allowed in (
                ("count", "lteq", 499, False),
                ("count", "lteq", 500, True),
                ("dataField", "isAnyOf", ["许可证号"], False),
                ("dataField", "isAnyOf", ["许可证号", "状态"], True),
                ("time", "lt", "2027-06-30T15:59:59Z", False),
                ("time", "lt", "2027-06-30T16:00:00Z", True),
                ("time", "gteq", "2026-11-01T16:00:01Z", False),
                ("purpose", "eq", "research", False),
                ("region", "eq", "310115", True),
            )
        ),
    ],
)  # fmt: skip
def test_list_beyond_the_products_policy_is_refused(policy: dict[str, Any], is_allowed: bool) -> None:
    bank = Bank.approved()
    with bank.world.begin() as uow:
        version = uow.get("product_version", f"{bank.product_code}/1")
        document = {**version.document, "content": {**version.document["content"], "policy": policy}}
        uow.change(version, act="test", document=document)

    if is_allowed:
        assert bank.grant().state == "in_force", "what facts of a use decide is decided with the use"
    else:
        with pytest.raises(TooWideAuthorisationError) as refused:
            bank.grant()
        assert refused.value.facts["beyond"] == "read"


def test_product_that_is_off_the_market_gives_no_list() -> None:
    bank = Bank.approved()
    with bank.world.begin() as uow:
        version = uow.get("product_version", f"{bank.product_code}/1")
        uow.change(version, act="test", state="suspended")
    with pytest.raises(NotFoundError, match="on sale"):
        bank.grant()


# steps done before, who, use case, arguments, error, part of the message
BAD = Violation("bad mood", "x", "ab" * 32)
REFUSED: dict[str, tuple[str, str, Callable[..., Any], tuple[Any, ...], type[Exception], str]] = {
    "granting as the trading platform": ("", "trading", grant_authorisation, (list_of(),), AccessError, "as auth"),
    "suspending as the holder": ("", "bank", suspend_authorisation, (VIOLATION,), AccessError, "as authorisation"),
    "suspending as the provider": ("", "provider", suspend_authorisation, (VIOLATION,), AccessError, "as auth"),
    "suspending as a stranger": ("", "stranger", suspend_authorisation, (VIOLATION,), NotFoundError, "no such"),
    "suspending without a violation": (
        *("", "authorisation", suspend_authorisation, (BAD,)),
        *(InvalidAuthorisationError, "one of"),
    ),
    "withdrawing without evidence": (
        *("", "authorisation", withdraw_authorisation, (Violation("marketing", "x", ""),)),
        *(InvalidAuthorisationError, "evidence_digest"),
    ),
    "withdrawing without reasons": (
        *("", "authorisation", withdraw_authorisation, (Violation("marketing", " ", "ab" * 32),)),
        *(InvalidAuthorisationError, "reasons"),
    ),
    "withdrawing as the trading platform": ("", "trading", withdraw_authorisation, (VIOLATION,), AccessError, "as"),
    "resuming what goes on": (
        *("", "authorisation", resume_authorisation, ("x",)),
        *(IllegalTransitionError, "Allowed now"),
    ),
    "giving up another's": ("", "authorisation", give_up_authorisation, ("x",), NotFoundError, "no such"),
    "giving up twice": ("given_up", "bank", give_up_authorisation, ("x",), IllegalTransitionError, "nothing"),
    "widening what has ended": ("given_up", "bank", ask_widening, (WIDER, "x"), IllegalTransitionError, "nothing"),
    "widening another's": ("", "provider", ask_widening, (WIDER, "x"), NotFoundError, "no such"),
    "widening without reasons": ("", "bank", ask_widening, (WIDER, ""), InvalidAuthorisationError, "reasons"),
    "widening by nothing": ("", "bank", ask_widening, ({"items": []}, "x"), InvalidAuthorisationError, "items"),
    "granting unasked": ("", "authorisation", grant_widening, (1, "x"), NotFoundError, "no such widening"),
    "granting as the holder": ("asked", "bank", grant_widening, (1, "x"), AccessError, "as authorisation"),
    "refusing without reasons": ("asked", "authorisation", refuse_widening, (1, ""), InputError, "reasons"),
    "taking back another's": ("asked", "provider", take_back_widening, (1, "x"), NotFoundError, "no such"),
    "granting twice": ("granted", "authorisation", grant_widening, (1, "x"), IllegalTransitionError, "nothing"),
    "taking back what is granted": ("granted", "bank", take_back_widening, (1, "x"), IllegalTransitionError, "nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_step_that_may_not_be_is_refused_and_changes_nothing(bank: Bank, name: str) -> None:
    before_it, who, use_case, arguments, error, message = REFUSED[name]
    if before_it == "given_up":
        bank.do("bank", give_up_authorisation, APPLICATION, "x")
    if before_it in {"asked", "granted"}:
        ask(bank)
    if before_it == "granted":
        bank.do("authorisation", grant_widening, APPLICATION, 1, "x")
    before = bank.seen()

    with pytest.raises(error, match=message):
        bank.do(who, use_case, APPLICATION, *arguments)

    assert bank.seen() == before


@pytest.mark.parametrize("change", [
    {"valid_from": "2026-11-01"}, {"valid_until": "2027-02-02"}, {"valid_until": "2027-07-01", "valid_from": "2027-06-01"},
])  # fmt: skip
def test_widening_begins_later_ends_soon_and_within_the_list(bank: Bank, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidAuthorisationError, match="widening"):
        ask(bank, {"items": [line(**{"valid_until": "2027-02-01"} | change)]})


def test_longest_widening_is_a_quarter(bank: Bank) -> None:
    assert ask(bank, {"items": [line(valid_until="2027-02-01")]}).state == "asked"


def test_widening_within_the_policy_alone(bank: Bank) -> None:
    with pytest.raises(TooWideAuthorisationError):
        ask(bank, {"items": [line(actions=["distribute"], valid_until="2026-12-31")]})
    with pytest.raises(TooWideAuthorisationError):
        ask(bank, {"items": [line(calls=9_501, valid_until="2026-12-31")]})
    assert ask(bank, {"items": [line(calls=9_500, valid_until="2026-12-31")]}).state == "asked"


def test_two_widenings_that_together_are_too_much_are_not_both_granted(bank: Bank) -> None:
    for _ in range(2):
        ask(bank, {"items": [line(calls=5_000, valid_until="2026-12-31")]})
    bank.do("authorisation", grant_widening, APPLICATION, 1, "x")

    with pytest.raises(TooWideAuthorisationError):
        bank.do("authorisation", grant_widening, APPLICATION, 2, "x")
    assert bank.do("authorisation", refuse_widening, APPLICATION, 2, "超出").state == "refused"


def test_widening_allows_more_until_its_days_are_over(bank: Bank) -> None:
    assert ask(bank).state == "asked"
    assert bank.do("authorisation", grant_widening, APPLICATION, 1, "同意").state == "granted"
    text = bank.issue(entry="1/施工许可", fields=("许可证号", "单位"), quota=50)
    use = a_use(fields=("单位",))
    assert bank.do("provider", spend_usage_token, text, use).spent == 1

    bank.world.now = NOW.replace(year=2027, month=1)
    late = bank.token(entry="1/施工许可", fields=("单位",), quota=1)
    with pytest.raises(UseNotCoveredError) as refused:
        bank.issue(sign_usage_token(late, SECRET))
    assert {reason["why"] for reason in refused.value.facts["reasons"]} == {"no_longer_valid"}


def test_suspension_stops_tokens_and_their_end_lets_them_go_on(bank: Bank) -> None:
    text = bank.issue()
    bank.do("authorisation", suspend_authorisation, APPLICATION, VIOLATION)
    with pytest.raises(ConflictError, match="not in force"):
        bank.do("provider", spend_usage_token, text, a_use())
    assert bank.world.quotas[TOKEN][1].is_stopped
    bank.do("authorisation", resume_authorisation, APPLICATION, "复核通过")

    assert bank.do("provider", spend_usage_token, text, a_use()).spent == 1
    assert stored(bank).document["suspension"] is None


@pytest.mark.parametrize("is_suspended", [False, True])
@pytest.mark.parametrize(
    ("who", "step"),
    [
        ("authorisation", (withdraw_authorisation, VIOLATION, "withdrawn")),
        ("bank", (give_up_authorisation, "不再需要", "given_up")),
    ],
)
def test_end_of_an_authorisation_ends_its_tokens(bank: Bank, who: str, step: Any, is_suspended: bool) -> None:
    use_case, argument, state = step
    text = bank.issue()
    if is_suspended:
        bank.do("authorisation", suspend_authorisation, APPLICATION, VIOLATION)

    assert bank.do(who, use_case, APPLICATION, argument).state == state

    assert bank.world.quotas[TOKEN][1].is_ended
    assert bank.world.events[-1][1]["tokens_ended"] == 1
    with pytest.raises(ConflictError, match="not in force"):
        bank.do("provider", spend_usage_token, text, a_use())


def test_number_of_widenings_is_bounded(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.authorisation_widening.WIDENINGS_MAX", 1)
    ask(bank)
    assert bank.do("bank", take_back_widening, APPLICATION, 1, "x").state == "taken_back"
    with pytest.raises(ConflictError, match="at most"):
        ask(bank)


@pytest.mark.parametrize(
    "listed",
    [
        {"items": []},
        list_of(line(), line()),
        list_of(bans=["marketing"]),
        list_of(tracing_duty=""),
        list_of(banned_purposes=["loan-review"]),
        list_of(line(actions=["grantUse"])),
        list_of(line(records_per_call=0)),
        list_of(line(calls=0)),
    ],
)
def test_list_that_is_none_is_refused(listed: dict[str, Any]) -> None:
    bank = Bank.approved()
    with pytest.raises(InputError):
        bank.grant(listed)
