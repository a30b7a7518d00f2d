"""Accounts, claims and payouts of the story's bodies, in fen."""

from dataclasses import dataclass

from support.trade.market import Market, Outcome
from support.trade.parties import BUSINESS, FINANCE, Bodies, Party
from support.trade.product import CNY, NONE, digest
from support.trade.tables import Booked

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import payouts as binding
from ledger.domain.acts.kinds import PayoutStatus
from ledger.domain.acts.payouts import Collection, PayeeAccount, PayoutInstruction, PayoutReport, RewardRoot
from ledger.domain.hashes.payouts import account_id, claim_id


@dataclass(frozen=True)
class Money:
    """What is due and what is paid. A platform instructs; the bank or the payee reports."""

    market: Market
    bodies: Bodies

    def the_payees_name_their_accounts(self) -> None:
        """Each payee's FINANCE key names its first account; the first one holds at once."""
        for payee in self.bodies.payees:
            event = self._sign_account(payee, 1, (FINANCE,)).the(binding.PayeeAccountSigned)
            assert (event.account_id, event.valid_from) == (account_of(payee, 1), self.market.now)

    def change_account(self, payee: Party, purposes: tuple[int, ...] = (FINANCE, BUSINESS)) -> int:
        """The payee changes to its second account; when that begins to hold."""
        event = self._sign_account(payee, 2, purposes).the(binding.PayeeAccountSigned)
        assert event.account_id == account_of(payee, 2)
        return event.valid_from

    def collect(self, booked: Booked, by: Party | None = None) -> Outcome:
        """The bank says that the consumer's money for a line came in."""
        collection = Collection(booked.line_id, digest("bank statement"))
        bank = (by or self.bodies.bank).signs(collection, FINANCE)
        return self.market.relay("Payouts", "record_collection", **vars(collection), bank=bank)

    def credit(self, booked: Booked) -> list[binding.ClaimCredited]:
        """Anybody has a final line counted among the claims of its recipients."""
        events = self.market.relay("Payouts", "credit", proofs=(booked.proof,)).all(binding.ClaimCredited)
        assert [(event.payee, event.amount) for event in events] == list(
            zip(booked.recipients, booked.amounts, strict=True)
        )
        return events

    def claim(self, table_id: int, payee: Party) -> binding.Claim:
        """What the payee may receive of a table, and has received."""
        found: binding.Claim = self.market.ask("Payouts", "claim_of", claim_id=claim_id(table_id, payee.body_id, CNY))
        return found

    def owed(self, payee: Party) -> int:
        """What the payee has still to give back."""
        return int(self.market.ask("Payouts", "owed_by", payee=payee.body_id, currency=CNY))

    def instruct(
        self,
        payout: str,
        table_id: int,
        payee: Party,
        amount: int,
        *,
        by: Party | None = None,
        account: bytes | None = None,
        reissues: str | None = None,
    ) -> Outcome:
        """A platform instructs a payout: the trading platform, to the payee's first account, unless another is named."""
        act = PayoutInstruction(
            payout_id=digest(payout),
            table_id=table_id,
            payee=payee.body_id,
            currency=CNY,
            amount=amount,
            account_id=account or account_of(payee, 1),
            bank=self.bodies.bank.body_id,
            instruction_digest=digest(f"message of {payout}"),
            reissues=digest(reissues) if reissues else NONE,
        )
        outcome = self.market.relay(
            "Payouts",
            "instruct",
            instruction=form(binding.Instruction, act),
            platform=(by or self.bodies.trading).signs(act),
        )
        assert outcome.the(binding.PayoutInstructed).claim_id == claim_id(table_id, payee.body_id, CNY)
        return outcome

    def report(self, payout: str, status: PayoutStatus, by: Party, in_the_name_of: Party | None = None) -> Outcome:
        """A bank or a payee says what became of a payout."""
        act = PayoutReport(digest(payout), status, digest(f"{payout} {status.name}"))
        reporter = by.signs_in_the_name_of(in_the_name_of, act, FINANCE) if in_the_name_of else by.signs(act, FINANCE)
        return self.market.relay("Payouts", "report", **vars(act), reporter=reporter)

    def fix_rewards(self, table_id: int, payee: Party, total: int) -> Outcome:
        """A payee fixes what it passes on to data subjects: a root, a total, a count."""
        act = RewardRoot(table_id, payee.body_id, CNY, digest("root of the rewards"), total, 1_234)
        return self.market.relay(
            "Payouts",
            "fix_rewards",
            rewards=form(binding.Rewards, act),
            payee=payee.signs(act, FINANCE),
            auditor=self.bodies.auditor.signs(act),
        )

    def _sign_account(self, payee: Party, version: int, purposes: tuple[int, ...]) -> Outcome:
        account = PayeeAccount(payee.body_id, version, account_digest(payee, version))
        signatures = tuple(payee.signs(account, purpose) for purpose in (FINANCE, BUSINESS) if purpose in purposes)
        return self.market.relay("Payouts", "sign_account", **vars(account), signatures=signatures)


def account_digest(payee: Party, version: int) -> bytes:
    """The salted digest of a bank account."""
    return digest(f"account {version} of {payee.name}")


def account_of(payee: Party, version: int) -> bytes:
    """The id of a payee's account, as Python computes it."""
    return account_id(payee.body_id, version, account_digest(payee, version))
