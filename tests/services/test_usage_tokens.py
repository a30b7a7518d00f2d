"""Usage tokens: issued within their line, one a subject, spent within their quota and their conditions, ended for good."""

from dataclasses import replace
from typing import Any

import pytest
from support.authorisation_world import (
    APPLICATION,
    DAY,
    OTHER_SECRET,
    SECRET,
    TOKEN,
    VIOLATION,
    Bank,
    a_use,
    line,
    list_of,
    put_key_on_file,
)
from support.product_world import CODES

from ledger.adapters.signing_keys import sign_usage_token
from ledger.domain.usage_token import (
    InvalidUsageTokenError,
    QuotaExceededError,
    UsageToken,
    UsageTokenEndedError,
    UsageTokenTimeError,
    UseNotCoveredError,
)
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, NotFoundError, SignatureError
from ledger.services.authorisations import suspend_authorisation
from ledger.services.bodies import BodyNotAbleError
from ledger.services.usage_token_spending import Spent, TokenUse, spend_usage_token
from ledger.services.usage_tokens import issue_usage_token, read_usage_token, revoke_usage_token

SECOND = "tok-" + "0" * 31 + "2"


@pytest.fixture
def bank() -> Bank:
    return Bank.authorised()


def spend(bank: Bank, text: str, who: str = "provider", **members: Any) -> Spent:
    done: Spent = bank.do(who, spend_usage_token, text, a_use(**members))
    return done


def revoke(bank: Bank, token_id: str = TOKEN, who: str = "authorisation") -> Any:
    return bank.do(who, revoke_usage_token, token_id, "更换连接器")


def test_token_is_entered_sealed_and_read_by_holder_and_issuer(bank: Bank) -> None:
    text = bank.issue()

    entered = bank.world.objects["usage_token", TOKEN]
    assert (entered.state, entered.parties[0]) == ("issued", CODES["bank"])
    assert text not in str(entered.document) and text not in str(bank.world.events)
    for who in ("bank", "authorisation"):
        assert bank.do(who, read_usage_token, TOKEN) == text
    with pytest.raises(AccessError):
        bank.do("provider", read_usage_token, TOKEN)
    for who, name in (("stranger", TOKEN), ("bank", SECOND)):
        with pytest.raises(NotFoundError):
            bank.do(who, read_usage_token, name)


def test_calls_are_spent_to_the_last_and_no_further(bank: Bank) -> None:
    text = bank.issue()

    assert spend(bank, text, calls=60) == Spent(TOKEN, 60, 60, 100)
    with pytest.raises(QuotaExceededError) as refused:
        spend(bank, text, calls=41)
    assert refused.value.facts["left"] == 40
    assert spend(bank, text, calls=40).spent == 100
    with pytest.raises(QuotaExceededError):
        spend(bank, text)
    assert bank.events()[-3:] == ["usage_token.issued.v1", "usage_token.spent.v1", "usage_token.spent.v1"]
    assert bank.world.objects["usage_token", TOKEN].revision == 1, "the counter alone changes"


def test_what_was_spent_stays_taken_from_the_line_and_the_rest_comes_back(bank: Bank) -> None:
    text = bank.issue(quota=500)
    spend(bank, text, calls=30)
    assert revoke(bank).state == "revoked"
    with pytest.raises(UsageTokenEndedError):
        spend(bank, text)

    with pytest.raises(ConflictError, match="470 calls left"):
        bank.issue(token_id=SECOND, quota=471)
    bank.issue(token_id=SECOND, quota=470)


def test_subject_has_one_token_at_a_time_and_others_have_theirs(bank: Bank) -> None:
    bank.issue()
    with pytest.raises(ConflictError, match="revoke it first"):
        bank.issue(token_id=SECOND)

    bank.issue(token_id=SECOND, subject=f"{CODES['bank']}/gateway-2")
    with pytest.raises(ConflictError, match="already"):
        bank.issue(token_id=SECOND, subject=f"{CODES['bank']}/gateway-3")


def test_token_that_is_over_makes_room_for_the_next(bank: Bank) -> None:
    spend(bank, bank.issue(quota=400), calls=10)
    bank.world.now = bank.world.now.replace(month=12, day=3)

    bank.issue(token_id=SECOND, quota=490)

    assert bank.world.objects["usage_token", TOKEN].state == "expired"
    assert bank.world.objects["usage_token", TOKEN].document["ending"]["spent"] == 10
    reserved = bank.world.objects["authorisation", APPLICATION].document["reserved"]
    assert reserved == {"0/施工许可": 500}


def test_time_of_a_token_ends_it(bank: Bank) -> None:
    now = int(bank.world.now.timestamp())
    text = bank.issue(valid_from=now + 60)
    with pytest.raises(UsageTokenTimeError, match="not valid yet"):
        spend(bank, text)
    bank.world.now = bank.world.now.replace(month=12, day=3)
    with pytest.raises(UsageTokenTimeError, match="expired"):
        spend(bank, text)


NOT_ISSUED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "another issuer": ({"issuer": CODES["trading"]}, InvalidUsageTokenError, "issuer"),
    "another holder": ({"subject": CODES["stranger"]}, InvalidUsageTokenError, "subject"),
    "another node": ({"node": CODES["stranger"]}, InvalidUsageTokenError, "node"),
    "another product": ({"product_code": "6" * 32}, InvalidUsageTokenError, "product_code"),
    "another version": ({"version": 2}, InvalidUsageTokenError, "version"),
    "no such interface": ({"interface": 1}, InvalidUsageTokenError, "interface"),
    "another scenario": ({"scenario": "别的"}, InvalidUsageTokenError, "scenario"),
    "another purpose": ({"purpose": "research"}, InvalidUsageTokenError, "purpose"),
    "stated tomorrow": ({"issued_at": 1_793_610_000 + DAY}, InvalidUsageTokenError, "issued_at"),
    "stated long ago": ({"issued_at": 1_793_610_000 - 2 * DAY}, InvalidUsageTokenError, "issued_at"),
    "over": ({"valid_from": 1_700_000_000, "valid_until": 1_700_000_001}, InvalidUsageTokenError, "valid_until"),
    "another authorisation": ({"authorisation": "app-2"}, NotFoundError, "no such"),
    "no such line": ({"entry": "1/施工许可"}, UseNotCoveredError, ""),
    "a field too many": ({"fields": ("许可证号", "日期")}, UseNotCoveredError, ""),
    "another mode": ({"mode": "compute"}, UseNotCoveredError, ""),
    "before the line": ({"valid_from": 1_793_000_000}, UseNotCoveredError, ""),
    "after the line": ({"valid_until": 1_793_610_000 + 300 * DAY}, UseNotCoveredError, ""),
    "more than the line": ({"quota": 501}, UseNotCoveredError, ""),
}


@pytest.mark.parametrize("name", NOT_ISSUED)
def test_token_beyond_its_authorisation_is_not_issued(bank: Bank, name: str) -> None:
    members, error, message = NOT_ISSUED[name]
    before = bank.seen()
    with pytest.raises(error, match=message or "does not cover"):
        bank.issue(**members)
    assert bank.seen() == before


@pytest.mark.parametrize("who", ["bank", "provider", "trading"])
def test_platform_alone_issues(bank: Bank, who: str) -> None:
    with pytest.raises(AccessError, match="authorisation_platform"):
        bank.do(who, issue_usage_token, sign_usage_token(bank.token(), SECRET))


def test_key_that_is_not_on_file_or_ended_signs_nothing(bank: Bank) -> None:
    with pytest.raises(SignatureError):
        bank.issue(sign_usage_token(bank.token(), OTHER_SECRET))

    put_key_on_file(bank.world, "authorisation", OTHER_SECRET)
    with pytest.raises(SignatureError):
        bank.issue()
    bank.issue(sign_usage_token(bank.token(), OTHER_SECRET))


def test_token_that_was_signed_before_its_key_was_rotated_is_spent_on(bank: Bank) -> None:
    text = bank.issue()
    put_key_on_file(bank.world, "authorisation", OTHER_SECRET)
    assert spend(bank, text).spent == 1


@pytest.mark.parametrize("name", ["bank", "authorisation"])
def test_nothing_is_issued_while_holder_or_platform_is_suspended(bank: Bank, name: str) -> None:
    with bank.world.begin() as uow:
        uow.change(uow.get("participant", CODES[name]), act="suspend", state="suspended")
    with pytest.raises(BodyNotAbleError):
        bank.issue()


def test_suspended_holder_spends_nothing(bank: Bank) -> None:
    text = bank.issue()
    with bank.world.begin() as uow:
        uow.change(uow.get("participant", CODES["bank"]), act="suspend", state="suspended")
    with pytest.raises(BodyNotAbleError):
        spend(bank, text)


def test_suspended_authorisation_issues_nothing(bank: Bank) -> None:
    bank.do("authorisation", suspend_authorisation, APPLICATION, VIOLATION)
    with pytest.raises(IllegalTransitionError):
        bank.issue()


# what the call asks for, the reason
NOT_COVERED: dict[str, tuple[dict[str, Any], str]] = {
    "another interface": ({"interface": 1}, "other_interface"),
    "a field of the line that the token has not": ({"fields": ("许可证号", "日期")}, "other_fields"),
    "no field": ({"fields": ()}, "other_fields"),
    "another parameter": ({"parameters": {"region": "310101"}}, "other_parameters"),
    "no parameter": ({"parameters": {}}, "other_parameters"),
    "open duties": ({"performed": ()}, "duties_open"),
}


@pytest.mark.parametrize("name", NOT_COVERED)
def test_call_beyond_its_token_is_refused_by_name_and_spends_nothing(bank: Bank, name: str) -> None:
    members, why = NOT_COVERED[name]
    text = bank.issue()
    before = bank.seen()

    with pytest.raises(UseNotCoveredError) as refused:
        spend(bank, text, **members)

    assert [reason["why"] for reason in refused.value.facts["reasons"]] == [why]
    assert bank.seen() == before


def test_rows_of_a_call_are_held_against_the_line() -> None:
    bank = Bank.approved()
    bank.grant(list_of(line(records_per_call=10)))
    text = bank.issue()

    assert spend(bank, text, records=10).spent == 1
    for records, why in ((11, "too_many_records"), (None, "records_not_stated")):
        with pytest.raises(UseNotCoveredError) as refused:
            spend(bank, text, records=records)
        assert refused.value.facts["reasons"][0]["why"] == why


def test_fact_that_the_policy_asks_for_decides_with_the_use() -> None:
    bank = Bank.approved()
    with bank.world.begin() as uow:
        version = uow.get("product_version", f"{bank.product_code}/1")
        where = {"leftOperand": "region", "operator": "eq", "rightOperand": "310115"}
        policy = {"@type": "Offer", "permission": [{"action": "read", "constraint": [where]}]}
        document = {**version.document, "content": {**version.document["content"], "policy": policy}}
        uow.change(version, act="test", document=document)
    bank.grant()
    text = bank.issue()

    assert spend(bank, text, facts={"region": "310115"}).spent == 1
    for facts, why in (({}, "policy_undecided"), ({"region": "110000"}, "policy_denies")):
        with pytest.raises(UseNotCoveredError) as refused:
            spend(bank, text, facts=facts)
        assert [reason["why"] for reason in refused.value.facts["reasons"]] == [why]


@pytest.mark.parametrize("who", ["bank", "authorisation", "stranger"])
def test_provider_that_is_called_alone_spends(bank: Bank, who: str) -> None:
    text = bank.issue()
    with pytest.raises(AccessError):
        spend(bank, text, who=who)


def test_forged_text_of_a_token_is_no_token(bank: Bank) -> None:
    bank.issue()
    forged = sign_usage_token(replace(bank.token(), quota=10_000), OTHER_SECRET)
    for text in (forged, sign_usage_token(bank.token(token_id=SECOND), SECRET)):
        with pytest.raises(NotFoundError):
            spend(bank, text)
    with pytest.raises(InvalidUsageTokenError):
        spend(bank, "x.y.z")


@pytest.mark.parametrize("calls", [0, -1, 10**16])
def test_no_number_of_calls_is_refused(bank: Bank, calls: int) -> None:
    text = bank.issue()
    with pytest.raises(InvalidUsageTokenError):
        spend(bank, text, calls=calls)


def test_holder_ends_its_token_and_others_do_not(bank: Bank) -> None:
    bank.issue()
    with pytest.raises(AccessError):
        revoke(bank, who="provider")
    for name, who in ((TOKEN, "stranger"), (SECOND, "bank")):
        with pytest.raises(NotFoundError):
            revoke(bank, name, who)

    assert revoke(bank, who="bank").state == "revoked"
    with pytest.raises(IllegalTransitionError):
        revoke(bank)


def test_use_needs_no_more_than_fields_and_interface() -> None:
    assert TokenUse(0, ("a",)).calls == 1
    assert isinstance(Bank().token(), UsageToken)
