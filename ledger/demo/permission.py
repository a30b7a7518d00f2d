"""Third part of the story: the bank applies for the service, both platforms review it, and one of them grants its list; later a token is used."""

from typing import Final

from ledger.client import applications, usage_tokens
from ledger.client.platform import grant_list, issue_platform_token, make_final_review
from ledger.demo import dealings
from ledger.demo.city import City
from ledger.demo.offices import BANK, DATA_COMPANY, Papers
from ledger.demo.platform import Platform
from ledger.demo.trade import FIRST
from ledger.domain.roles import AUTHORISATION_PLATFORM, TRADING_PLATFORM
from ledger.errors import ConflictError

AUTHORISATION: Final = "authorisation"


def obtain_permission(city: City, platform: Platform, papers: Papers, product_code: str) -> str:
    """From the application to the list; gives the name that both have."""
    bank = city.desk(BANK.name).client
    application_id = city.memory.get("application_id")
    if application_id is None:
        submit = applications.submit_application(
            product_code,
            FIRST,
            authorisation_platform=city.desk(AUTHORISATION_PLATFORM).code,
            content=dealings.use_application(papers),
            idempotency_key=city.memory.write_name("application"),
        )
        application_id = str(bank.run(submit).value["application_id"])
        city.memory.keep(application_id=application_id)
        city.say(f"  the bank applies for the permit-status service: {application_id}")
    if bank.run(applications.get_application(application_id)).state == "submitted":
        first = applications.pass_first_application_review(application_id, dealings.REVIEW)
        city.desk(TRADING_PLATFORM).client.run(first)
        city.say("  the trading platform passes the first review, with its reasons")
    if bank.run(applications.get_application(application_id)).state == "first_reviewed":
        platform.wait_for("application", application_id, "first_reviewed", "approved")  # the latter after a crash
        name = city.memory.write_name("final-review")
        platform.act(make_final_review(application_id, dealings.REVIEW, idempotency_key=name))
        city.say("  the authorisation platform, a program of its own, passes the final review")
    if not city.memory.get("list_granted"):
        platform.wait_for("application", application_id, "approved")
        name = city.memory.write_name("list")
        platform.act(grant_list(application_id, dealings.granted_list(papers), idempotency_key=name))
        city.memory.keep(list_granted=True)
        fields, calls = len(dealings.GRANTED_FIELDS), dealings.GRANTED_CALLS
        city.say(f"  and grants the list, item by item: {fields} of {len(dealings.FIELDS)} fields, {calls} calls")
    return str(application_id)


def use_once(city: City, platform: Platform, papers: Papers, application_id: str) -> str:
    """The platform issues the bank's usage token, and the company spends one call of it; gives the token's name."""
    bank, company = city.desk(BANK.name), city.desk(DATA_COMPANY.name)
    token_id = city.memory.get("token_id")
    if token_id is None:
        platform.wait_for(AUTHORISATION, application_id, "in_force")
        wish = dealings.token_wish(papers, application_id)
        token_id = platform.act(issue_platform_token(wish, idempotency_key=city.memory.write_name("token")))
        city.memory.keep(token_id=token_id)
        city.say(
            f"  the authorisation platform issues the bank's usage token for {dealings.TOKEN_CALLS} calls, by its SM2 key"
        )
    if not city.memory.get("token_used"):
        text = str(bank.client.run(usage_tokens.get_usage_token_text(token_id)).value["text"])
        spend = usage_tokens.spend_usage_token(
            text, **dealings.SPENT, performed=dealings.PERFORMED, idempotency_key=city.memory.write_name("use")
        )
        spent = company.client.run(spend).value
        if spent["spent"] != 1:
            raise ConflictError(f"{spent['spent']} calls of the usage token are spent; somebody else used it")
        city.memory.keep(token_used=True)
        city.say(f"  the bank shows it to the company, which answers and spends 1 of its {spent['quota']} calls")
    return str(token_id)
