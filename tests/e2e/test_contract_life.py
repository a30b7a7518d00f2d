"""The whole life of one mixed data product on the embedded chain, told in order: from the admission of its bodies to the last payment.

Every act is built and signed in Python; one relayer sends everything over JSON-RPC; days pass by the chain's clock. Each step asserts
what it brings, and on the way wrong turns are refused by name. Prices are millionths of a fen, amounts fen, weights millionths.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from support.suite import address, deploy_whole_suite
from support.trade.adversary import KeyNotValid, MissingRole, Thief
from support.trade.market import DAY, Market
from support.trade.parties import FINANCE, Bodies, admit, bodies_of
from support.trade.payments import Money, account_of
from support.trade.product import (
    AGREEMENT,
    BASE_FEE,
    CEILING,
    MATCHING_FEE,
    NEXT_PERIOD,
    NONE,
    ORDER,
    PERIOD,
    PRODUCT,
    booking_terms,
    conclusion_of,
    digest,
    the_agreement,
    the_order,
    the_product,
    the_rule,
    weights,
    worth,
)
from support.trade.tables import WINDOW_S, Booked, Table, due, sign_weights
from support.trade.usage import UsageStream

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import (
    delivery_receipts,
    digital_contract_registry,
    disputes,
    distribution_tables,
    orders,
    participant_registry,
    payouts,
    product_registry,
    revenue_settlement,
    settlement_rules,
    shared,
)
from ledger.adapters.chain.rule_content import rule_content
from ledger.adapters.embedded.anvil import EmbeddedAnvil
from ledger.adapters.embedded.ports import free_port
from ledger.domain.acts.digital_contract_registry import Agreement, AgreementFiling
from ledger.domain.acts.distribution_tables import Objection, ObjectionAnswer
from ledger.domain.acts.kinds import BasisKind, BodyRole, Component, PayoutStatus, ProductActKind
from ledger.domain.acts.orders import Order
from ledger.domain.acts.product_registry import ProductAct, ProductFiling, ProductReview
from ledger.domain.hashes.agreements import booking_terms_hash, statement_id
from ledger.domain.hashes.disputes import dispute_id
from ledger.domain.hashes.rules import rule_version
from ledger.domain.hashes.tables import objection_id

USAGE, BASE, MATCHING = Component.USAGE_SHARE, Component.BASE_FEE, Component.MATCHING_FEE
MIXED, ADJUSTED, ENTERPRISE_ONLY = (500_000, 300_000, 200_000), (520_000, 290_000, 190_000), (0, 1_000_000, 0)
ACKNOWLEDGED_UNITS, CLAIMED_UNITS, ACCEPTED_UNITS, LAPSED_UNITS, AWARDED_UNITS = 40_000, 25_000, 20_000, 30_000, 3_000
USAGE_GROSS = worth(ACKNOWLEDGED_UNITS + ACCEPTED_UNITS + LAPSED_UNITS)
CORRECTED_GROSS = USAGE_GROSS - 12_111


@dataclass
class Life:
    """The product's life so far."""

    market: Market
    bodies: Bodies
    agreement: Agreement
    usage: UsageStream = field(init=False)
    money: Money = field(init=False)

    def __post_init__(self) -> None:
        self.usage, self.money = UsageStream(self.market, self.bodies), Money(self.market, self.bodies)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    folder = tmp_path_factory.mktemp("contract-life")
    node = EmbeddedAnvil(folder / "chain", free_port())
    node.start()
    yield Market(node.rpc_url, deploy_whole_suite(node.rpc_url, folder))
    node.stop()


def test_a_mixed_data_product_lives_from_admission_to_payment(market: Market) -> None:
    bodies = bodies_of(market)
    the_operator_admits_the_bodies(market, bodies)
    rule = platforms_and_regulator_approve_a_rule(market, bodies)
    the_product_is_registered_reviewed_filed_and_listed(market, bodies)
    order = the_consumer_orders_and_the_provider_confirms(market, bodies)
    life = Life(market, bodies, all_parties_conclude_an_agreement(market, bodies, order, rule))
    three_statements_are_made_and_one_is_disputed_in_part(life)
    the_arbitrator_awards_some_of_the_disputed_units(life)
    life.money.the_payees_name_their_accounts()
    table, lines = the_platforms_book_a_period_with_four_recipients(life)
    one_line_is_objected_to_and_the_others_become_final(life, table, lines)
    usage_line = the_adjusted_line_becomes_final_after_a_fresh_window(life, table, lines[0])
    the_money_comes_in_and_is_credited(life, (usage_line, *lines[1:]))
    one_payout_is_returned_and_reissued_and_all_are_confirmed(life, (usage_line, *lines[1:]))
    award_and_credit_note_are_settled_in_the_next_period(life, usage_line)
    operator_anchor_and_one_platform_together_change_nothing(life, table, usage_line)
    nobody_has_needed_any_funds(life)


def the_operator_admits_the_bodies(market: Market, bodies: Bodies) -> None:
    with market.refuses(participant_registry.ParticipantRegistryRolesNotAllowed, roles=BodyRole.BANK):
        admit(market, bodies.provider, BodyRole.BANK, bodies.operator)  # reserved roles are the council's to give
    roles = (BodyRole.PROVIDER, BodyRole.CONSUMER, BodyRole.DATA_HOLDER, BodyRole.DEVELOPER, BodyRole.SERVICE_PARTY)
    for party, role in zip(bodies.ordinary, roles, strict=True):
        outcome = admit(market, party, role, bodies.operator)
        admitted = outcome.the(participant_registry.BodyAdmitted)
        assert (admitted.body_id, admitted.roles) == (party.body_id, role)
        assert len(outcome.all(participant_registry.KeyAdded)) == 3
    for party in bodies.everybody:
        assert market.ask("ParticipantRegistry", "is_in_good_standing", body_id=party.body_id)


def platforms_and_regulator_approve_a_rule(market: Market, bodies: Bodies, text: str = "rule") -> bytes:
    rule = the_rule(text)
    content = rule_content(rule)
    signed = {
        "trading_platform": bodies.trading.signs(rule),
        "authorisation_platform": bodies.authorisation.signs(rule),
    }
    with market.refuses(MissingRole, needed_roles=BodyRole.REGULATOR):
        operator = bodies.operator.signs(rule)
        market.relay("SettlementRules", "approve_rule", content=content, **signed, regulator=operator)
    regulator = bodies.regulator.signs(rule)
    outcome = market.relay("SettlementRules", "approve_rule", content=content, **signed, regulator=regulator)
    approved = outcome.the(settlement_rules.RuleApproved).rule_version
    assert approved == rule_version(rule, market.chain_id, market.addresses["SettlementRules"])
    return approved


def the_product_is_registered_reviewed_filed_and_listed(market: Market, bodies: Bodies) -> None:
    product = the_product(bodies.provider.body_id)
    shown, signature = form(product_registry.ProductVersion, product), bodies.provider.signs(product)
    outcome = market.relay("ProductRegistry", "register", product_version=shown, provider=signature)
    registered = outcome.the(product_registry.ProductRegistered)
    assert (registered.product_id, registered.version, registered.unit_price) == (PRODUCT, 1, product.unit_price)

    review = ProductReview(**vars(product), approved=True, review_digest=digest("review"))
    signed = {"product_id": PRODUCT, "version": 1, "approved": True, "review_digest": review.review_digest}
    with market.refuses(product_registry.ProductRegistryReviewSignatures, expected=2):  # public data: both platforms
        market.relay("ProductRegistry", "review", **signed, platforms=(bodies.trading.signs(review),))
    both = (bodies.trading.signs(review), bodies.authorisation.signs(review))
    assert market.relay("ProductRegistry", "review", **signed, platforms=both).the(product_registry.ProductReviewed)

    listing = ProductAct(PRODUCT, 1, ProductActKind.LIST, digest("listing"), 0)
    by_provider = {"product_id": PRODUCT, "version": 1, "act_": listing.act, "reason_digest": listing.reason_digest}
    by_provider |= {"nonce": 0, "party": bodies.provider.signs(listing)}
    with market.refuses(product_registry.ProductRegistryWrongStatus, status=product_registry.ProductStatus.REVIEWED):
        market.relay("ProductRegistry", "act", **by_provider)
    filing = {"filing_digest": digest("filing number"), "ceiling_unit_price": CEILING}
    authority = bodies.price.signs(ProductFiling(**vars(product), **filing))
    filed = market.relay("ProductRegistry", "file", product_id=PRODUCT, version=1, **filing, authority=authority)
    assert filed.the(product_registry.ProductFiled).ceiling_unit_price == CEILING
    listed = market.relay("ProductRegistry", "act", **by_provider).the(product_registry.ProductStatusChanged)
    assert listed.status == product_registry.ProductStatus.LISTED


def the_consumer_orders_and_the_provider_confirms(market: Market, bodies: Bodies) -> Order:
    order = the_order(market, bodies)
    shown = form(orders.Order, order)
    placed = market.relay("Orders", "place", order=shown, consumer=bodies.consumer.signs(order))
    assert placed.the(orders.OrderPlaced).order == shown
    with market.refuses(KeyNotValid, body_id=order.provider):
        forged = bodies.operator.signs_in_the_name_of(bodies.provider, order)
        market.relay("Orders", "confirm", order=shown, provider=forged)
    confirmed = market.relay("Orders", "confirm", order=shown, provider=bodies.provider.signs(order))
    assert confirmed.the(orders.OrderConfirmed) == orders.OrderConfirmed(ORDER)
    return order


def all_parties_conclude_an_agreement(market: Market, bodies: Bodies, order: Order, rule: bytes) -> Agreement:
    agreement = the_agreement(market, bodies, rule)
    by_id = {party.body_id: party for party in bodies.ordinary}
    parties = tuple(by_id[body].signs(agreement, sm2=True) for body in agreement.parties)
    with market.refuses(KeyNotValid, body_id=agreement.parties[-1]):
        last = bodies.trading.signs_in_the_name_of(by_id[agreement.parties[-1]], agreement)
        market.relay("DigitalContractRegistry", "conclude", **conclusion_of(agreement), parties=(*parties[:-1], last))
    outcome = market.relay("DigitalContractRegistry", "conclude", **conclusion_of(agreement), parties=parties)
    terms = booking_terms(agreement)
    concluded = outcome.the(digital_contract_registry.AgreementConcluded)
    assert concluded.booking_terms == form(shared.BookingTerms, terms)
    stored = market.ask("DigitalContractRegistry", "booking_terms_hash", agreement_id=AGREEMENT)
    assert stored == booking_terms_hash(terms)
    sm2_digests = [signed.sm2_signature_digest for signed in outcome.all(shared.PartySigned)]
    assert sm2_digests == [party.sm2_signature_digest for party in parties]
    assert len(set(sm2_digests) - {NONE}) == len(parties)

    attached = market.relay("Orders", "attach_agreement", order=form(orders.Order, order), agreement_id=AGREEMENT)
    assert attached.the(orders.OrderContracted) == orders.OrderContracted(ORDER, AGREEMENT)
    filing = AgreementFiling(AGREEMENT, agreement.contract_digest, digest("filing of the agreement"))
    signature = bodies.authorisation.signs(filing)
    arguments = {"agreement_id": AGREEMENT, "filing_digest": filing.filing_digest, "platform": signature}
    filed = market.relay("DigitalContractRegistry", "file", **arguments)
    assert filed.the(digital_contract_registry.AgreementFiled).by == bodies.authorisation.body_id
    return agreement


def three_statements_are_made_and_one_is_disputed_in_part(life: Life) -> None:
    market, bodies, usage = life.market, life.bodies, life.usage
    assert usage.open().the(delivery_receipts.StreamOpened).stream_id == usage.stream_id
    status = delivery_receipts.StatementStatus

    acknowledged = usage.claim(0, ACKNOWLEDGED_UNITS)
    with market.refuses(KeyNotValid, body_id=bodies.consumer.body_id):
        usage.state_acknowledged(acknowledged, by=bodies.operator)
    answer = usage.state_acknowledged(acknowledged).the(delivery_receipts.StatementAnswered)
    assert (answer.status, answer.accepted_units) == (status.ACKNOWLEDGED, ACKNOWLEDGED_UNITS)
    assert answer.statement_id == statement_id(usage.stream_id, 0)

    with market.refuses(delivery_receipts.DeliveryReceiptsOverlap, next_sequence=1_000, first_sequence=999):
        usage.state(usage.claim(1, CLAIMED_UNITS, first_sequence=999))
    disputed = usage.claim(1, CLAIMED_UNITS)
    assert usage.state(disputed).the(delivery_receipts.UsageClaimed).answer_until == market.now + 2 * DAY
    answer = usage.answer(disputed, ACCEPTED_UNITS, digest("grounds")).the(delivery_receipts.StatementAnswered)
    assert (answer.status, answer.accepted_units) == (status.DISPUTED, ACCEPTED_UNITS)

    usage.state(usage.claim(2, LAPSED_UNITS))
    with market.refuses(delivery_receipts.DeliveryReceiptsNotAnswered, index=2):  # so nothing can be booked on it
        usage.chargeable_units(0, 3)
    with market.refuses(delivery_receipts.DeliveryReceiptsNotLapsed):
        usage.lapse(2)
    market.pass_time(days=2, seconds=1)
    answer = usage.lapse(2).the(delivery_receipts.StatementAnswered)
    assert (answer.status, answer.accepted_units) == (status.LAPSED, LAPSED_UNITS)
    assert usage.chargeable_units(0, 3) == ACKNOWLEDGED_UNITS + ACCEPTED_UNITS + LAPSED_UNITS


def the_arbitrator_awards_some_of_the_disputed_units(life: Life) -> None:
    market, bodies, usage = life.market, life.bodies, life.usage
    case = dispute_id(AGREEMENT, bodies.provider.body_id, 0)
    assert usage.open_case(1, bodies.provider).the(disputes.DisputeOpened).dispute_id == case
    contested = CLAIMED_UNITS - ACCEPTED_UNITS
    with market.refuses(disputes.DisputesWrongAward, awarded_units=contested + 1, contested_units=contested):
        usage.rule(case, contested + 1, bodies.arbitrator)
    with market.refuses(MissingRole, needed_roles=BodyRole.ARBITRATOR):
        usage.rule(case, AWARDED_UNITS, bodies.operator)
    ruled = usage.rule(case, AWARDED_UNITS, bodies.arbitrator).the(disputes.DisputeResolved)
    assert (ruled.status, ruled.awarded_units) == (disputes.DisputeStatus.RULED, AWARDED_UNITS)


def the_platforms_book_a_period_with_four_recipients(life: Life) -> tuple[Table, tuple[Booked, ...]]:
    market, bodies, agreement = life.market, life.bodies, life.agreement
    mixed, beyond = (weights(agreement, USAGE, PERIOD, parts) for parts in (MIXED, (900_000, 100_000, 0)))
    with market.refuses(settlement_rules.SettlementRulesOutOfBounds, weight=900_000, maximum=800_000):
        sign_weights(market, agreement, beyond, bodies.authorisation, bodies.auditor)
    with market.refuses(MissingRole, needed_roles=BodyRole.AUDITOR):
        sign_weights(market, agreement, mixed, bodies.authorisation, bodies.operator)
    base, matching = (weights(agreement, component, PERIOD, ENTERPRISE_ONLY) for component in (BASE, MATCHING))
    for one in (mixed, base, matching):
        sign_weights(market, agreement, one, bodies.authorisation, bodies.auditor)

    table = Table(market, bodies, agreement, 1, PERIOD)
    assert table.open().the(revenue_settlement.TableOpened).proposer == bodies.trading.body_id
    ranges = life.usage.statements(0, 3)
    usage = table.usage_line(ranges, USAGE_GROSS)
    other_rule = platforms_and_regulator_approve_a_rule(market, bodies, "another rule")
    with market.refuses(revenue_settlement.RevenueSettlementWrongTerms, agreement_id=AGREEMENT):
        table.book(usage, mixed, ranges, terms=replace(booking_terms(agreement), rule_version=other_rule))
    with market.refuses(revenue_settlement.RevenueSettlementGrossTooHigh, gross=USAGE_GROSS + 2):
        table.book(replace(usage, gross=USAGE_GROSS + 2), mixed, ranges)
    with market.refuses(shared.PartyActWrongSigner, expected=bodies.trading.body_id):
        table.book(usage, mixed, ranges, by=bodies.operator)
    lines = (
        table.book(usage, mixed, ranges),
        table.book(table.line(BASE, BasisKind.SCHEDULE, BASE_FEE), base),
        table.book(table.line(MATCHING, BasisKind.SCHEDULE, MATCHING_FEE), matching),
    )
    assert len(set(lines[0].recipients)) == 4
    return table, lines


def one_line_is_objected_to_and_the_others_become_final(life: Life, table: Table, lines: tuple[Booked, ...]) -> None:
    market, bodies, usage = life.market, life.bodies, lines[0]
    table.propose()
    with market.refuses(MissingRole, needed_roles=BodyRole.AUTHORISATION_PLATFORM):
        table.sign(bodies.auditor)  # the product is public: only the other platform will do
    table.sign(bodies.authorisation)
    table.publish(bodies.trading)
    window_ends = table.publish(bodies.authorisation).the(distribution_tables.TablePublished).window_ends
    assert window_ends == market.now + WINDOW_S
    with market.refuses(distribution_tables.DistributionTablesWindowOpen, window_ends=window_ends):
        table.finalize(lines[1])

    objection = Objection(1, 1, usage.line_id, 1_000, digest("grounds of the holder"))
    arguments = {"proof": usage.proof, "amount": 1_000, "grounds_digest": objection.grounds_digest}
    with market.refuses(shared.ObjectionsNotAffected, body=bodies.operator.body_id):
        market.relay("DistributionTables", "object", **arguments, objector=bodies.operator.signs(objection))
    filed = market.relay("DistributionTables", "object", **arguments, objector=bodies.holder.signs(objection))
    number = objection_id(usage.line_id, 1, 1, bodies.holder.body_id)
    assert filed.the(distribution_tables.ObjectionFiled).objection_id == number

    market.pass_time(seconds=WINDOW_S + 1)
    for line in lines[1:]:
        assert table.finalize(line).the(distribution_tables.LineFinalized).line_id == line.line_id
    with market.refuses(distribution_tables.DistributionTablesObjected, pending=1, upheld=False):
        table.finalize(usage)
    answer = ObjectionAnswer(number, upheld=True, answer_digest=digest("answer"))
    proposer = bodies.trading.signs(answer)
    with market.refuses(MissingRole, body_id=bodies.operator.body_id):
        second = bodies.operator.signs(answer)
        market.relay("DistributionTables", "answer_objection", **vars(answer), proposer=proposer, second=second)
    second = bodies.authorisation.signs(answer)
    moved = market.relay("DistributionTables", "answer_objection", **vars(answer), proposer=proposer, second=second)
    assert moved.the(distribution_tables.ObjectionMoved).status == shared.ObjectionStatus.UPHELD


def the_adjusted_line_becomes_final_after_a_fresh_window(life: Life, table: Table, objected: Booked) -> Booked:
    market, bodies = life.market, life.bodies
    adjusted = weights(life.agreement, USAGE, PERIOD, ADJUSTED, revision=2)
    sign_weights(market, life.agreement, adjusted, bodies.authorisation, bodies.auditor)
    table.version = 2
    line = table.book(table.usage_line(objected.ranges, USAGE_GROSS, revision=2), adjusted, objected.ranges)
    assert line.line_id == objected.line_id and line.amounts != objected.amounts
    window_ends = table.settle_version()
    with market.refuses(distribution_tables.DistributionTablesReplaced, table_version=2):
        table.finalize(objected)
    with market.refuses(distribution_tables.DistributionTablesWindowOpen, window_ends=window_ends):
        table.finalize(line)
    market.pass_time(seconds=WINDOW_S + 1)
    final = table.finalize(line).the(distribution_tables.LineFinalized)
    assert final == distribution_tables.LineFinalized(line.line_id, 1, 2)
    for again in (line, objected):
        with market.refuses(distribution_tables.DistributionTablesAlreadyFinal, line_id=line.line_id):
            table.finalize(again)
    return line


def the_money_comes_in_and_is_credited(life: Life, lines: tuple[Booked, ...]) -> None:
    market, bodies, money = life.market, life.bodies, life.money
    with market.refuses(payouts.PayoutsNotCollected, line_id=lines[0].line_id):
        money.credit(lines[0])
    with market.refuses(MissingRole, needed_roles=BodyRole.BANK):
        money.collect(lines[0], by=bodies.trading)
    for line in lines:
        assert money.collect(line).the(payouts.LineCollected).bank == bodies.bank.body_id
        money.credit(line)
    for payee in bodies.payees:
        assert money.claim(1, payee) == payouts.Claim(due(payee, lines), 0, 0, 0)
    assert sum(money.claim(1, payee).finalized for payee in bodies.payees) == USAGE_GROSS + BASE_FEE + MATCHING_FEE
    rewards = money.claim(1, bodies.trustee).finalized // 2
    assert money.fix_rewards(1, bodies.trustee, rewards).the(payouts.RewardsFixed).rewards.total == rewards


def one_payout_is_returned_and_reissued_and_all_are_confirmed(life: Life, lines: tuple[Booked, ...]) -> None:
    market, bodies, money, developer = life.market, life.bodies, life.money, life.bodies.developer
    amount = due(developer, lines)
    with market.refuses(payouts.PayoutsExceedsClaim, available=amount, amount=amount + 1):
        money.instruct("too much", 1, developer, amount + 1)
    money.instruct("first payout", 1, developer, amount)
    assert money.claim(1, developer) == payouts.Claim(amount, 0, amount, 0)
    with market.refuses(payouts.PayoutsNotConcerned, body=bodies.trading.body_id):
        money.report("first payout", PayoutStatus.CONFIRMED, bodies.trading)
    for status, paid in ((PayoutStatus.CONFIRMED, amount), (PayoutStatus.RETURNED, 0)):
        reported = money.report("first payout", status, bodies.bank).the(payouts.PayoutReported)
        assert (reported.status.name, reported.by) == (status.name, bodies.bank.body_id)
        assert money.claim(1, developer) == payouts.Claim(amount, paid, 0, 0)

    with market.refuses(shared.PayeeAccountsSignatureCount, expected=2, actual=1):  # a change takes two of its keys
        money.change_account(developer, (FINANCE,))
    holds_from = money.change_account(developer)
    new = account_of(developer, 2)
    with market.refuses(payouts.PayoutsWrongAccount, expected=account_of(developer, 1)):  # it cools for a week
        money.instruct("second payout", 1, developer, amount, account=new, reissues="first payout")
    market.pass_time(seconds=holds_from - market.now)
    outcome = money.instruct("second payout", 1, developer, amount, account=new, reissues="first payout")
    assert outcome.the(payouts.PayoutReported).status == payouts.PayoutStatus.REISSUED
    money.report("second payout", PayoutStatus.CONFIRMED, developer)
    with market.refuses(payouts.PayoutsExceedsClaim, available=0, amount=1):  # net paid is what was finalized
        money.instruct("one fen more", 1, developer, 1)

    for payee in bodies.payees:
        if payee is not developer:
            money.instruct(f"payout to {payee.name}", 1, payee, due(payee, lines))
            money.report(f"payout to {payee.name}", PayoutStatus.CONFIRMED, bodies.bank)
        paid = due(payee, lines)
        assert money.claim(1, payee) == payouts.Claim(paid, paid, 0, 0)


def award_and_credit_note_are_settled_in_the_next_period(life: Life, original: Booked) -> None:
    market, bodies, agreement, money = life.market, life.bodies, life.agreement, life.money
    mixed = weights(agreement, USAGE, NEXT_PERIOD, MIXED)
    sign_weights(market, agreement, mixed, bodies.authorisation, bodies.auditor)
    table = Table(market, bodies, agreement, 2, NEXT_PERIOD)
    table.open()
    basis = {"ordinal": 1, "basis_hash": dispute_id(AGREEMENT, bodies.provider.body_id, 0)}
    award = table.book(table.line(USAGE, BasisKind.RULING, worth(AWARDED_UNITS), **basis), mixed)
    note = {"ordinal": 2, "basis_hash": digest("credit note"), "weights_revision": 2, "corrects": original.line_id}
    twice = table.book(table.usage_line(original.ranges, USAGE_GROSS), mixed, original.ranges)
    lower = table.line(USAGE, BasisKind.CREDIT_NOTE, CORRECTED_GROSS, **note, base_gross=USAGE_GROSS)
    credit = table.book_credit_note(lower, original, weights(agreement, USAGE, PERIOD, ADJUSTED, revision=2))
    assert all(amount < 0 for amount in credit.amounts)
    table.settle_version()
    market.pass_time(seconds=WINDOW_S + 1)
    for line in (award, credit):
        table.finalize(line)
    with market.refuses(distribution_tables.DistributionTablesUnitsSettled, line_id=twice.line_id):
        table.finalize(twice)  # the statements were settled in the first period
    finality = market.ask("DistributionTables", "finality_of", line_id=original.line_id)
    assert finality == distribution_tables.Finality(1, 2, 2, CORRECTED_GROSS, is_correction=False)

    money.credit(credit)  # the first period is paid already, so everybody owes its part ...
    assert [money.owed(payee) for payee in bodies.recipients] == [-due(payee, (credit,)) for payee in bodies.recipients]
    money.collect(award)
    money.credit(award)  # ... which is set off against what the award brings
    for payee in bodies.recipients:
        assert money.owed(payee) == 0
        assert money.claim(2, payee).finalized == due(payee, (award, credit))


def operator_anchor_and_one_platform_together_change_nothing(life: Life, table: Table, line: Booked) -> None:
    bodies, adjusted = life.bodies, weights(life.agreement, USAGE, PERIOD, ADJUSTED, revision=2)
    payout = "second payout to holder"
    life.money.instruct(payout, 2, bodies.holder, life.money.claim(2, bodies.holder).finalized)
    for platform in (bodies.trading, bodies.authorisation):
        thief = Thief(life.market, bodies, life.money, platform, life.agreement, table, line, adjusted, payout)
        before = thief.what_stands()
        thief.changes_the_payee()
        thief.changes_the_rule()
        thief.changes_the_weights()
        thief.makes_a_charge_basis()
        thief.moves_the_finalized_amount()
        thief.confirms_a_payment()
        assert thief.what_stands() == before


def nobody_has_needed_any_funds(life: Life) -> None:
    market = life.market
    assert market.rpc("eth_gasPrice") == "0x0"
    assert "baseFeePerGas" not in market.rpc("eth_getBlockByNumber", "latest", False)
    keys = {key for party in life.bodies.everybody for key in party.keys.values()}
    for account in ("0x" + address(key).hex() for key in keys):
        assert int(market.rpc("eth_getBalance", account, "latest"), 16) == 0
        assert int(market.rpc("eth_getTransactionCount", account, "latest"), 16) == 0, "a party sent something itself"
    assert int(market.rpc("eth_getBalance", market.relayer.address, "latest"), 16) == 0
    assert int(market.rpc("eth_getTransactionCount", market.relayer.address, "latest"), 16) > 60
