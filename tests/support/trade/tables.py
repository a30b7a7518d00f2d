"""A distribution table as its platforms work on it: lines are built and split in Python, booked, and compared with what the chain says."""

from dataclasses import dataclass, field, replace

from support.trade.market import DAY, Market, Outcome
from support.trade.parties import Bodies, Party
from support.trade.product import CNY, NONE, booking_terms, component_of, digest

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import distribution_tables as tables_binding
from ledger.adapters.chain.bindings import revenue_settlement as book_binding
from ledger.adapters.chain.bindings import settlement_rules as rules_binding
from ledger.adapters.chain.bindings import shared
from ledger.domain.acts.digital_contract_registry import Agreement
from ledger.domain.acts.distribution_tables import Publication
from ledger.domain.acts.kinds import BasisKind, Component
from ledger.domain.acts.revenue_settlement import CreditNote, TableOpening
from ledger.domain.acts.settlement_rules import PeriodWeights
from ledger.domain.hashes.agreements import BookingTerms, LineKey, line_id
from ledger.domain.hashes.lines import (
    Line,
    StatementRange,
    content_hash,
    first_lines_digest,
    next_lines_digest,
    settlement_line,
    statement_ranges_hash,
)
from ledger.domain.hashes.rules import weights_hash, weights_id
from ledger.domain.hashes.tables import Proposal, distribution_table, proposal_hash
from ledger.domain.split import Part, Recipient, flatten, split, split_correction
from ledger.domain.typed_acts import hash_struct

WINDOW_S = 3 * DAY


@dataclass(frozen=True)
class Booked:
    """A line that is booked: what proves it, and who is to get what, as Python computed it."""

    line: Line
    recipients: tuple[bytes, ...]
    amounts: tuple[int, ...]
    ranges: tuple[StatementRange, ...] = ()

    @property
    def line_id(self) -> bytes:
        return line_id(self.line.key)

    @property
    def proof(self) -> shared.LineProof:
        return shared.LineProof(form(shared.Line, self.line), self.recipients)

    @property
    def range_forms(self) -> tuple[shared.StatementRange, ...]:
        return tuple(form(shared.StatementRange, one) for one in self.ranges)


@dataclass
class Table:
    """One table; the trading platform proposes it and the authorisation platform signs it as the second."""

    market: Market
    bodies: Bodies
    agreement: Agreement
    table_id: int
    period: int
    version: int = 1
    booked: list[Booked] = field(default_factory=list)
    proposer: Party = field(init=False)
    second: Party = field(init=False)

    def __post_init__(self) -> None:
        self.proposer, self.second = self.bodies.trading, self.bodies.authorisation

    def open(self) -> Outcome:
        """Opens it."""
        nonce = self.market.ask("RevenueSettlement", "opened_by", proposer=self.proposer.body_id)
        opening = TableOpening(nonce, self.period, CNY)
        proposer = self.proposer.signs(opening)
        outcome = self.market.relay("RevenueSettlement", "open_table", **vars(opening), proposer=proposer)
        assert outcome.the(book_binding.TableOpened).table_id == self.table_id
        return outcome

    def line(self, component: Component, basis: BasisKind, gross: int, **others: object) -> Line:
        """A line of this table's present version; ``others`` are fields of the line, and its ordinal."""
        ordinal = others.pop("ordinal", 0)
        assert isinstance(ordinal, int)
        key = LineKey(self.agreement.agreement_id, component, self.period, CNY, ordinal)
        plain = Line(key, self.table_id, self.version, basis, NONE, 1, gross)
        return replace(plain, **others)  # type: ignore[arg-type]

    def usage_line(self, ranges: tuple[StatementRange, ...], gross: int, revision: int = 1) -> Line:
        """The regular usage line over these statements."""
        basis_hash = statement_ranges_hash(ranges)
        return self.line(
            Component.USAGE_SHARE, BasisKind.STATEMENTS, gross, basis_hash=basis_hash, weights_revision=revision
        )

    def book(
        self,
        line: Line,
        weights: PeriodWeights,
        ranges: tuple[StatementRange, ...] = (),
        terms: BookingTerms | None = None,
        by: Party | None = None,
    ) -> Booked:
        """Books a line, and compares id, place, recipients and amounts with what Python makes of the same terms."""
        shown = terms or booking_terms(self.agreement)
        outcome = self.market.relay(
            "RevenueSettlement",
            "book_line",
            line=form(shared.Line, line),
            evidence=self._evidence(line.key.component, shown, weights, ranges),
            proposer=(by or self.proposer).signs(settlement_line(line, shown)),
        )
        recipients, vector = self._vector(line.key.component, weights)
        amounts = split(line.gross, vector, line_id(line.key), recipients)
        return self._keep(outcome, Booked(line, recipients, tuple(amounts), ranges))

    def book_credit_note(self, line: Line, original: Booked, weights: PeriodWeights, by: Party | None = None) -> Booked:
        """Books what a note of provider and consumer takes back of a final line: the difference of two splits.

        ``by`` signs the note in the name of both instead of them.
        """
        terms = booking_terms(self.agreement)
        both = (self.bodies.provider, self.bodies.consumer)
        note = CreditNote(line.corrects, line.base_gross, line.gross, line.basis_hash)
        outcome = self.market.relay(
            "RevenueSettlement",
            "book_correction",
            line=form(shared.Line, line),
            original=original.proof,
            evidence=self._evidence(line.key.component, terms, weights, ()),
            proposer=self.proposer.signs(settlement_line(line, terms)),
            parties=tuple(by.signs_in_the_name_of(one, note) if by else one.signs(note) for one in both),
        )
        recipients, vector = self._vector(line.key.component, weights)
        amounts = split_correction(line.gross, line.base_gross, vector, line.corrects, recipients)
        return self._keep(outcome, Booked(line, recipients, tuple(amounts)))

    def proposal(self) -> Proposal:
        """The present version with its lines, by Python's own account of them."""
        lines = [one for one in self.booked if one.line.table_version == self.version]
        running = first_lines_digest(self.table_id)
        for one in lines:
            running = next_lines_digest(running, one.line_id, content_hash(one.line, one.recipients))
        return Proposal(self.table_id, self.version, len(lines), running, WINDOW_S, digest("calendar"))

    def propose(self) -> Outcome:
        """The proposer proposes the present version."""
        act = distribution_table(self.proposal(), self.period, CNY)
        return self._on_proposal("propose", proposer=self.proposer.signs(act))

    def sign(self, by: Party) -> Outcome:
        """A second body signs the present version."""
        return self._on_proposal("sign", second=by.signs(distribution_table(self.proposal(), self.period, CNY)))

    def publish(self, by: Party) -> Outcome:
        """One of the two says where it has published the present version."""
        proposal, published = self.proposal(), digest(f"publication by {by.name}")
        receipt = Publication(self.table_id, self.version, proposal.lines_digest, published)
        return self._on_proposal("record_publication", publication_digest=published, publisher=by.signs(receipt))

    def settle_version(self) -> int:
        """Proposes, signs and publishes the present version; last second of its window."""
        self.propose()
        self.sign(self.second)
        record = self.market.ask("DistributionTables", "version_of", table_id=self.table_id, table_version=self.version)
        assert record.proposal_hash == proposal_hash(self.proposal())
        first = self.publish(self.proposer).the(tables_binding.TablePublished)
        assert first.window_ends == 0, "one receipt begins no window"
        second = self.publish(self.second).the(tables_binding.TablePublished)
        assert second.window_ends == self.market.now + WINDOW_S
        return second.window_ends

    def finalize(self, booked: Booked) -> Outcome:
        """Anybody makes a line final when its time has come."""
        return self.market.relay("DistributionTables", "finalize_line", proof=booked.proof, ranges=booked.range_forms)

    def _on_proposal(self, function: str, **arguments: object) -> Outcome:
        proposal = form(tables_binding.Proposal, self.proposal())
        return self.market.relay("DistributionTables", function, proposal=proposal, **arguments)

    def _keep(self, outcome: Outcome, booked: Booked) -> Booked:
        event = outcome.the(book_binding.LineBooked)
        before = [one for one in self.booked if one.line.table_version == booked.line.table_version]
        assert (event.line_id, event.place) == (booked.line_id, len(before))
        assert (event.recipients, event.amounts) == (booked.recipients, booked.amounts)
        assert sum(event.amounts) == booked.line.gross - booked.line.base_gross
        self.booked.append(booked)
        return booked

    def _vector(self, component: Component, weights: PeriodWeights) -> tuple[tuple[bytes, ...], list[int]]:
        terms = component_of(self.agreement, component)
        entries = [Recipient(one.recipient, Part(one.part), one.share) for one in terms.recipients]
        parts = (weights.public_weight, weights.enterprise_weight, weights.personal_weight)
        return tuple(one.recipient for one in entries), flatten(parts, entries, weights.shares)

    def _evidence(
        self,
        component: Component,
        terms: BookingTerms,
        weights: PeriodWeights,
        ranges: tuple[StatementRange, ...],
    ) -> book_binding.BookingEvidence:
        return book_binding.BookingEvidence(
            form(shared.BookingTerms, terms),
            component_proof(self.agreement, component),
            form(shared.PartWeights, weights),
            weights.shares,
            tuple(form(shared.StatementRange, one) for one in ranges),
        )


def component_proof(agreement: Agreement, component: Component) -> shared.ComponentProof:
    """Shows that the terms are among those that the parties signed."""
    hashes = tuple(hash_struct(terms) for terms in agreement.components)
    terms = component_of(agreement, component)
    return shared.ComponentProof(hashes, hashes.index(hash_struct(terms)), form(shared.ComponentTerms, terms))


def due(body: Party, lines: tuple[Booked, ...]) -> int:
    """What these lines bring a body, as Python split them."""
    pairs = (pair for line in lines for pair in zip(line.recipients, line.amounts, strict=True))
    return sum(amount for recipient, amount in pairs if recipient == body.body_id)


def sign_weights(market: Market, agreement: Agreement, weights: PeriodWeights, first: Party, auditor: Party) -> None:
    """Two bodies sign the weights of a period; the chain keeps the hash that Python computes."""
    outcome = market.relay(
        "SettlementRules",
        "sign_weights",
        weights=form(rules_binding.PeriodWeights, weights),
        terms=form(shared.ComponentTerms, component_of(agreement, weights.component)),
        authorisation_platform=first.signs(weights),
        auditor=auditor.signs(weights),
    )
    expected = weights_id(weights.agreement_id, weights.component, weights.period, weights.revision)
    assert outcome.the(rules_binding.PeriodWeightsSigned).weights_id == expected
    assert market.ask("SettlementRules", "weights_hash_of", weights_id=expected) == weights_hash(weights)
