"""Delivering and disputing usage: one stream, its statements, and cases about them."""

from dataclasses import dataclass

from support.trade.market import Market, Outcome
from support.trade.parties import METERING, Bodies, Party
from support.trade.product import AGREEMENT, CONNECTOR, NONE, PERIOD, digest

from ledger.adapters.chain.act_calls import blank, form
from ledger.adapters.chain.bindings import delivery_receipts as binding
from ledger.adapters.chain.bindings import disputes as disputes_binding
from ledger.domain.acts.delivery_receipts import Acknowledgement, Stream, UsageClaim, UsageStatement
from ledger.domain.acts.disputes import DisputeCase, Ruling
from ledger.domain.acts.kinds import DisputeSubject
from ledger.domain.hashes.agreements import stream_id
from ledger.domain.hashes.lines import StatementRange

RECORDS_A_STATEMENT = 1_000


@dataclass(frozen=True)
class UsageStream:
    """The stream of the story's agreement through the story's connector."""

    market: Market
    bodies: Bodies

    @property
    def stream_id(self) -> bytes:
        """Its id, as Python computes it."""
        return stream_id(AGREEMENT, CONNECTOR)

    def open(self) -> Outcome:
        """Provider and consumer open it."""
        act = Stream(AGREEMENT, CONNECTOR, 0)
        return self.market.relay(
            "DeliveryReceipts",
            "open_stream",
            agreement_id=AGREEMENT,
            connector_id=CONNECTOR,
            first_sequence=0,
            provider=self.bodies.provider.signs(act, METERING),
            consumer=self.bodies.consumer.signs(act, METERING),
        )

    def claim(self, index: int, units: int, first_sequence: int | None = None) -> UsageClaim:
        """What the provider says that it delivered; each statement covers a thousand records, in order."""
        first = index * RECORDS_A_STATEMENT if first_sequence is None else first_sequence
        following = (index + 1) * RECORDS_A_STATEMENT
        root = digest(f"root of the batches of statement {index}")
        return UsageClaim(self.stream_id, index, first, following, units, RECORDS_A_STATEMENT, 5_000_000, root, PERIOD)

    def state(self, claim: UsageClaim, by: Party | None = None) -> Outcome:
        """The provider states it; the consumer has its time to answer."""
        provider = (by or self.bodies.provider).signs(UsageStatement(claim), METERING)
        return self.market.relay("DeliveryReceipts", "state", claim=form(binding.UsageClaim, claim), provider=provider)

    def state_acknowledged(self, claim: UsageClaim, by: Party | None = None) -> Outcome:
        """Provider and consumer have signed before; ``by`` signs in the consumer's name instead of it."""
        consumer, act = self.bodies.consumer, Acknowledgement(claim, claim.units, NONE)
        return self.market.relay(
            "DeliveryReceipts",
            "state_acknowledged",
            claim=form(binding.UsageClaim, claim),
            provider=self.bodies.provider.signs(UsageStatement(claim), METERING),
            consumer=by.signs_in_the_name_of(consumer, act, METERING) if by else consumer.signs(act, METERING),
        )

    def answer(self, claim: UsageClaim, accepted_units: int, grounds: bytes) -> Outcome:
        """The consumer accepts some of a claim."""
        return self.market.relay(
            "DeliveryReceipts",
            "answer",
            stream_id=claim.stream_id,
            index=claim.index,
            accepted_units=accepted_units,
            grounds_digest=grounds,
            consumer=self.bodies.consumer.signs(Acknowledgement(claim, accepted_units, grounds), METERING),
        )

    def lapse(self, index: int) -> Outcome:
        """Anybody writes down that nobody answered in time."""
        return self.market.relay("DeliveryReceipts", "lapse", stream_id=self.stream_id, index=index)

    def statements(self, first: int, following: int) -> tuple[StatementRange, ...]:
        """These statements, as a line names them."""
        return (StatementRange(self.stream_id, first, following),)

    def chargeable_units(self, first: int, following: int) -> int:
        """Units that lines may charge for."""
        agreement, units = self.market.ask(
            "DeliveryReceipts", "chargeable_units", stream_id=self.stream_id, first_index=first, next_index=following
        )
        assert agreement == AGREEMENT
        return int(units)

    def open_case(self, index: int, by: Party) -> Outcome:
        """A party asks for a ruling about one statement; nothing is frozen."""
        subject = DisputeSubject.STATEMENT
        case = DisputeCase(AGREEMENT, 0, subject, self.stream_id, index, NONE, NONE, 0, 0, digest("what was delivered"))
        return self.market.relay(
            "Disputes",
            "open",
            dispute_case=form(disputes_binding.DisputeCase, case),
            proof=blank(disputes_binding.CaseProof),
            opener=by.signs(case),
        )

    def rule(self, dispute_id: bytes, awarded_units: int, by: Party) -> Outcome:
        """How the case ends."""
        ruling = Ruling(
            dispute_id, digest("ruling"), awarded_units, corrects_gross=False, base_gross=0, corrected_gross=0
        )
        act = {**vars(ruling)}
        units_awarded = act.pop("awarded_units")  # the signed struct's name is that of a view of the contract
        return self.market.relay("Disputes", "resolve", **act, units_awarded=units_awarded, signers=(by.signs(ruling),))
