"""The thief of the hard sentence: every key of the operator, the anchor's key, and one platform's keys, relaying whatever it likes.

Each attempt carries valid signatures of those keys, and the revert is named. What such a thief may do (open a table, fill drafts,
propose them), it does on the way.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from support.suite import address, key
from support.trade.market import Market
from support.trade.parties import BUSINESS, FINANCE, METERING, Bodies, Party
from support.trade.payments import Money
from support.trade.product import AGREEMENT, CNY, PERIOD, booking_terms, digest, the_rule, weights
from support.trade.tables import Booked, Table, sign_weights
from support.trade.usage import UsageStream

from ledger.adapters.chain.bindings import (
    distribution_tables,
    participant_registry,
    payouts,
    revenue_settlement,
    shared,
)
from ledger.adapters.chain.rule_content import rule_content
from ledger.domain.acts.digital_contract_registry import Agreement
from ledger.domain.acts.kinds import BasisKind, Component, PayoutStatus
from ledger.domain.acts.participant_registry import KeyAddition
from ledger.domain.acts.payouts import PayeeAccount
from ledger.domain.acts.settlement_rules import PeriodWeights
from ledger.domain.hashes.lines import Line
from ledger.domain.hashes.rules import weights_id
from ledger.domain.split import WHOLE

USAGE = Component.USAGE_SHARE
KeyNotValid = participant_registry.ParticipantRegistryKeyNotValid
MissingRole = participant_registry.ParticipantRegistryMissingRole
UnknownBody = participant_registry.ParticipantRegistryUnknownBody


@dataclass
class Thief:
    """Operator, anchor and one platform in one hand.

    Args:
        platform: whose keys it has.
        agreement: the product's agreement.
        final: its final usage line, which stands in ``table``.
        weights: the weights that split it.
        payout: a payout of the next table that waits for its report.
    """

    market: Market
    bodies: Bodies
    money: Money
    platform: Party
    agreement: Agreement
    table: Table
    final: Booked
    weights: PeriodWeights
    payout: str
    own_table: Table = field(init=False)

    def __post_init__(self) -> None:
        """Opens a table of its own: a platform may."""
        self.own_table = Table(
            self.market,
            self.bodies,
            self.agreement,
            1 + self.market.ask("RevenueSettlement", "table_count"),
            PERIOD,
        )
        self.own_table.proposer = self.platform
        self.own_table.open()

    def draft(self, table: Table) -> Line:
        """The final line again, for one fen, in the present version of another table."""
        return replace(self.final.line, table_id=table.table_id, table_version=table.version, gross=1)

    @property
    def anchor(self) -> Party:
        """The anchor service: a key that anchors logs, and no body at all."""
        private_key = key("anchor")
        return Party(self.market, "anchor", digest("anchor"), dict.fromkeys((BUSINESS, METERING, FINANCE), private_key))

    @property
    def hands(self) -> tuple[Party, ...]:
        """Whoever can sign for it."""
        return self.bodies.operator, self.platform, self.anchor

    def changes_the_payee(self) -> None:
        """Another account, another key for the payee, or a payout to an account of its own: none goes."""
        market, holder = self.market, self.bodies.holder
        account = PayeeAccount(holder.body_id, 2, digest("the thief's account"))
        nonce = market.ask("ParticipantRegistry", "act_count", body_id=holder.body_id, signer=holder.body_id)
        new_key = key("a key for the holder")
        addition = KeyAddition(holder.body_id, address(new_key), FINANCE, nonce)
        grant = shared.KeyGrant(addition.key, addition.purposes)
        possession = replace(holder, keys={FINANCE: new_key}).signs(addition, FINANCE)
        for hand in self.hands:
            both = tuple(hand.signs_in_the_name_of(holder, account, purpose) for purpose in (FINANCE, BUSINESS))
            with market.refuses(KeyNotValid, body_id=holder.body_id):
                market.relay("Payouts", "sign_account", **vars(account), signatures=both)
            body = hand.signs_in_the_name_of(holder, addition, FINANCE)
            added = {"body_id": holder.body_id, "grant": grant, "nonce": nonce, "body": body}
            with market.refuses(KeyNotValid, body_id=holder.body_id):
                market.relay("ParticipantRegistry", "add_key", **added, possession=possession)
        with market.refuses(payouts.PayoutsWrongAccount, account_id=account.account_digest):
            self.money.instruct("theft", 2, self.bodies.provider, 1, by=self.platform, account=account.account_digest)

    def changes_the_rule(self) -> None:
        """A rule takes three bodies, of which it has one; and bookings keep to the rule that the parties signed."""
        own = the_rule("the thief's rule")
        signed = self.platform.signs(own)
        seats = dict.fromkeys(("trading_platform", "authorisation_platform", "regulator"), signed)
        with self.market.refuses(MissingRole, body_id=self.platform.body_id):
            self.market.relay("SettlementRules", "approve_rule", content=rule_content(own), **seats)
        terms = replace(booking_terms(self.agreement), rule_version=digest("the thief's rule"))
        with self.market.refuses(revenue_settlement.RevenueSettlementWrongTerms, agreement_id=AGREEMENT):
            self.own_table.book(self.draft(self.own_table), self.weights, self.final.ranges, terms=terms)

    def changes_the_weights(self) -> None:
        """Weights take authorisation platform and auditor; a booking takes no others than those that were signed."""
        mine = weights(self.agreement, USAGE, PERIOD, (0, WHOLE, 0), revision=3)
        with self.market.refuses(MissingRole):
            sign_weights(self.market, self.agreement, mine, self.platform, self.bodies.operator)
        with self.market.refuses(UnknownBody, body_id=self.anchor.body_id):
            sign_weights(self.market, self.agreement, mine, self.anchor, self.anchor)
        with self.market.refuses(revenue_settlement.RevenueSettlementWrongWeights):
            self.own_table.book(self.draft(self.own_table), mine, self.final.ranges)

    def makes_a_charge_basis(self) -> None:
        """Usage is stated by the provider and acknowledged by the consumer; a credit note is signed by both."""
        usage = UsageStream(self.market, self.bodies)
        claim = usage.claim(3, 1_000_000)
        provider, consumer = self.bodies.provider.body_id, self.bodies.consumer.body_id
        for hand in self.hands:
            with self.market.refuses(shared.PartyActWrongSigner, expected=provider, signer=hand.body_id):
                usage.state(claim, by=hand)
            with self.market.refuses(KeyNotValid, body_id=consumer):
                usage.state_acknowledged(claim, by=hand)
        note = {"ordinal": 3, "basis_hash": digest("the thief's note"), "corrects": self.final.line_id}
        line = self.own_table.line(USAGE, BasisKind.CREDIT_NOTE, 0, **note, weights_revision=2, base_gross=1)
        with self.market.refuses(KeyNotValid, body_id=provider):
            self.own_table.book_credit_note(line, self.final, self.weights, by=self.platform)

    def moves_the_finalized_amount(self) -> None:
        """A final line stays; drafts of it are booked and proposed, and never become a signed version."""
        market, line_id = self.market, self.final.line_id
        with market.refuses(distribution_tables.DistributionTablesAlreadyFinal, line_id=line_id):
            self.table.finalize(self.final)
        with market.refuses(payouts.PayoutsAlreadyCredited, line_id=line_id):
            self.money.credit(self.final)
        with market.refuses(revenue_settlement.RevenueSettlementAlreadyBooked, line_id=line_id):
            self.table.book(replace(self.final.line, gross=1), self.weights, self.final.ranges)
        tables = [self.own_table]
        if self.platform == self.table.proposer:  # it may fill further versions of the true table too
            self.table.version += 1
            tables.append(self.table)
        for table in tables:
            draft = table.book(self.draft(table), self.weights, self.final.ranges)
            table.propose()
            for hand in (self.platform, self.bodies.operator):
                with market.refuses(MissingRole, body_id=hand.body_id):
                    table.sign(hand)
            with market.refuses(UnknownBody, body_id=self.anchor.body_id):
                table.sign(self.anchor)
            with market.refuses(distribution_tables.DistributionTablesAlreadyFinal, line_id=line_id):
                table.finalize(draft)
            with market.refuses(payouts.PayoutsNotFinal, line_id=line_id):
                self.money.credit(draft)

    def confirms_a_payment(self) -> None:
        """Only payee and bank report a payout."""
        for hand in self.hands:
            with self.market.refuses(payouts.PayoutsNotConcerned, body=hand.body_id):
                self.money.report(self.payout, PayoutStatus.CONFIRMED, hand)
            for other in (self.bodies.bank, self.bodies.holder):
                with self.market.refuses(KeyNotValid, body_id=other.body_id):
                    self.money.report(self.payout, PayoutStatus.CONFIRMED, hand, in_the_name_of=other)

    def what_stands(self) -> dict[str, Any]:
        """All that it must not be able to change."""
        market, line, bodies = self.market, self.final, self.bodies
        place = {"line_id": line.line_id, "table_id": line.line.table_id, "table_version": line.line.table_version}
        usage = UsageStream(market, bodies)
        weights_of_line = weights_id(AGREEMENT, USAGE, PERIOD, line.line.weights_revision)
        return {
            "accounts": [
                market.ask("Payouts", "account_at", payee=one.body_id, time=market.now) for one in bodies.payees
            ],
            "agreement": market.ask("DigitalContractRegistry", "agreement_of", agreement_id=AGREEMENT),
            "rule": market.ask("SettlementRules", "rule_of", rule_version=self.agreement.rule_version),
            "weights": market.ask("SettlementRules", "weights_hash_of", weights_id=weights_of_line),
            "basis": [
                usage.chargeable_units(0, 3),
                market.ask("DeliveryReceipts", "stream_of", stream_id=usage.stream_id),
            ],
            "finality": market.ask("DistributionTables", "finality_of", line_id=line.line_id),
            "signed version": market.ask("DistributionTables", "signed_version", table_id=line.line.table_id),
            "amounts": market.ask("RevenueSettlement", "amounts_of", **place),
            "claims": [self.money.claim(table, payee) for table in (1, 2) for payee in bodies.payees],
            "owed": [market.ask("Payouts", "owed_by", payee=one.body_id, currency=CNY) for one in bodies.payees],
            "payout": market.ask("Payouts", "payout_of", payout_id=digest(self.payout)),
        }
