// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, Currency, DisputeId, LineId, PeriodId} from "../types/Ids.sol";
import {StreamId, TableId, TableVersion, WeightsId} from "../types/Ids.sol";
import {Line, LineProof, StatementRange} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";
import {BasisKind, BookingTerms, ComponentProof, LineKey, PartWeights, PayBasis} from "../types/Terms.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Revenue settlement: the book of lines, split on chain
/// @notice A line is one agreement, component, period and currency. It is booked in a version of a distribution table
/// with the signature of the platform that proposes the table, only against a charge basis, only under the rule, price
/// rule, silence rule and pay basis that the parties signed, and split by weights that authorisation platform and
/// auditor signed, among the recipients that the parties signed. The contract computes the split itself.
/// The book only grows: a booked line never changes, an adjusted one is booked again in a later version. Which booking
/// counts is decided in `DistributionTables`; a booking that never gets there moves nothing.
/// Domain name: "CityLedger RevenueSettlement".
interface IRevenueSettlement is IPartyActs {
    /// @notice A distribution table as its proposer opened it. EIP-712 `TableOpening(uint32 nonce,uint32 period,
    /// bytes3 currency,` and the tail.
    /// @param proposer The platform that proposes it.
    /// @param period Its period.
    /// @param currency Its currency.
    struct Table {
        BodyId proposer;
        PeriodId period;
        Currency currency;
    }

    /// @notice What was booked in one version of a table so far. One storage slot.
    /// @param linesDigest First 28 bytes of keccak256(abi.encode(digest before, line id, content hash)), in the order
    /// of booking; before the first line of any of its 16 versions those of keccak256(abi.encode(table id)).
    /// @param lineCount Number of lines.
    /// @param hasPublic Whether one of them is of a product with public data.
    struct VersionBook {
        bytes28 linesDigest;
        uint16 lineCount;
        bool hasPublic;
    }

    /// @notice A booked line. One storage slot, and one for every five amounts.
    /// @param contentHash First 28 bytes of keccak256(abi.encode(Line, keccak256(abi.encode(recipients)))): 224 bits,
    /// whose collisions cost 2^112, so that the record is one slot.
    /// @param place Place among the lines of its version, from 0.
    /// @param recipients Number of its recipients.
    /// @param payBasis When its money counts as distributable.
    struct LineRecord {
        bytes28 contentHash;
        uint16 place;
        uint8 recipients;
        PayBasis payBasis;
    }

    /// @notice What a booking shows besides the line.
    /// @param terms What the agreement is held against.
    /// @param component The component with its recipients.
    /// @param weights The signed part weights.
    /// @param shares The signed shares for the period; empty when the agreed ones hold.
    /// @param ranges Statements charged for; empty for any other basis.
    struct BookingEvidence {
        BookingTerms terms;
        ComponentProof component;
        PartWeights weights;
        uint32[] shares;
        StatementRange[] ranges;
    }

    /// @notice A table was opened.
    /// @param tableId The table.
    /// @param proposer The platform that proposes it.
    /// @param period Its period.
    /// @param currency Its currency.
    event TableOpened(TableId indexed tableId, BodyId indexed proposer, PeriodId indexed period, Currency currency);
    /// @notice A line was booked and split.
    /// @param lineId The line.
    /// @param tableId Its table.
    /// @param agreementId Its agreement.
    /// @param line The line.
    /// @param place Place among the lines of its version.
    /// @param recipients Who gets something.
    /// @param amounts What each gets, in minor units; negative in corrections only.
    event LineBooked(
        LineId indexed lineId,
        TableId indexed tableId,
        AgreementId indexed agreementId,
        Line line,
        uint16 place,
        BodyId[] recipients,
        int64[] amounts
    );

    /// @notice There is no contract at this address.
    /// @param target The address.
    error RevenueSettlementNoCode(address target);
    /// @notice Nobody settles in this currency here.
    /// @param currency The currency.
    error RevenueSettlementUnknownCurrency(Currency currency);
    /// @notice No such table.
    /// @param tableId The table.
    error RevenueSettlementUnknownTable(TableId tableId);
    /// @notice The signed nonce is not the number of tables that the platform has opened.
    /// @param expected The number.
    /// @param nonce What was signed.
    error RevenueSettlementWrongNonce(uint32 expected, uint32 nonce);
    /// @notice Period or currency of the line are not the table's, or the period is no month.
    /// @param period The period.
    /// @param currency The currency.
    error RevenueSettlementWrongPeriod(PeriodId period, Currency currency);
    /// @notice Versions of a table are 1 to 16.
    /// @param tableVersion The version.
    error RevenueSettlementWrongVersion(TableVersion tableVersion);
    /// @notice The line stands in this version already.
    /// @param lineId The line.
    error RevenueSettlementAlreadyBooked(LineId lineId);
    /// @notice No such booking, or it had other content.
    /// @param lineId The line.
    /// @param contentHash Hash of what was shown.
    error RevenueSettlementUnknownLine(LineId lineId, bytes28 contentHash);
    /// @notice The agreement's parties signed other terms.
    /// @param agreementId The agreement.
    /// @param expected Hash of what they signed.
    /// @param actual Hash of what was shown.
    error RevenueSettlementWrongTerms(AgreementId agreementId, bytes32 expected, bytes32 actual);
    /// @notice The shown component is of another kind or currency, or does not cover the period.
    /// @param lineId The line.
    error RevenueSettlementWrongComponent(LineId lineId);
    /// @notice The parties did not agree to be charged on this basis, or the line's fields do not fit it.
    /// @param lineId The line.
    /// @param basis The basis.
    error RevenueSettlementBasisNotAllowed(LineId lineId, BasisKind basis);
    /// @notice The shown ranges are not what the line names, none, more than 16, or not strictly ascending and apart.
    /// @param lineId The line.
    error RevenueSettlementWrongRanges(LineId lineId);
    /// @notice The stream is another agreement's.
    /// @param streamId The stream.
    /// @param agreementId Its agreement.
    error RevenueSettlementForeignStream(StreamId streamId, AgreementId agreementId);
    /// @notice The case is not resolved, of another agreement, or awards something else.
    /// @param disputeId The case.
    error RevenueSettlementRulingDoesNotAward(DisputeId disputeId);
    /// @notice More than the parties' highest price, or the filed ceiling, allows for these units.
    /// @param gross The gross.
    /// @param maximum The most that is allowed.
    error RevenueSettlementGrossTooHigh(uint64 gross, uint256 maximum);
    /// @notice A line of public data is in another currency than the prices of its product, so the ceiling bounds
    /// nothing.
    /// @param expected Currency of the product's prices.
    /// @param currency Currency of the line.
    error RevenueSettlementCeilingCurrency(Currency expected, Currency currency);
    /// @notice The agreement does not hold for a second of the period that is charged by schedule.
    /// @param lineId The line.
    /// @param validFrom First second of the agreement, Unix time.
    /// @param validUntil Its last second.
    error RevenueSettlementOutsideValidity(LineId lineId, uint64 validFrom, uint64 validUntil);
    /// @notice A scheduled charge is exactly the agreed amount; a credit note lowers, and so does
    /// a settlement about a line of public data; a ruling moves a gross the way that it was ruled, up or down.
    /// @param gross The gross.
    /// @param expected What it must be, or must stay below.
    error RevenueSettlementWrongGross(uint64 gross, uint64 expected);
    /// @notice The shown weights and shares are not the signed ones, or were signed for other terms of the component,
    /// or under another rule than the agreement names.
    /// @param weightsId The weights.
    /// @param expected Hash of what was signed.
    /// @param actual Hash of what was shown, with the agreement's rule and the shown component.
    error RevenueSettlementWrongWeights(WeightsId weightsId, bytes32 expected, bytes32 actual);
    /// @notice The correction does not fit the line that it corrects.
    /// @param lineId The line that is corrected.
    error RevenueSettlementWrongCorrection(LineId lineId);

    /// @notice Opens a table. A platform (either role), purpose BUSINESS.
    /// @dev The contract numbers tables one after the other; the nonce is the platform's own count, so that no other
    /// platform stands in its way. Emits {TableOpened}.
    /// @param nonce Number of tables that the platform has opened so far; makes a signature good for one table.
    /// @param period Its period.
    /// @param currency Its currency.
    /// @param proposer `TableOpening`, signed by the platform.
    /// @return tableId The table.
    function openTable(
        uint32 nonce,
        PeriodId period,
        Currency currency,
        PartySignature calldata proposer
    ) external returns (TableId tableId);

    /// @notice Books a line and splits it. The table's proposer, purpose BUSINESS.
    /// @dev `SettlementLine(uint32 tableId,uint16 tableVersion,bytes32 agreementId,uint8 component,uint32 period,
    /// bytes3 currency,uint16 ordinal,uint8 basis,bytes32 basisHash,uint16 weightsRevision,uint64 gross,bytes32
    /// corrects, uint64 baseGross,bytes32 ruleVersion,bytes32 priceRuleDigest,bool silenceAccepts,uint8 payBasis,`
    /// tail. Order of checks: table; not booked in this version; signature; terms; component and period; basis and
    /// gross; weights; split. Basis STATEMENTS, RULING (awarded units) or SCHEDULE (ordinal 0, a period in which the
    /// agreement holds). Emits {LineBooked}.
    /// @param line The line; `corrects` is zero.
    /// @param evidence Terms, component, shares and statements.
    /// @param proposer The signature.
    /// @return lineId The line.
    function bookLine(
        Line calldata line,
        BookingEvidence calldata evidence,
        PartySignature calldata proposer
    ) external returns (LineId lineId);

    /// @notice Books a correction of a line of an earlier table: amounts are split(gross) - split(baseGross), both by
    /// the original line's weights, recipients and id, so that only the difference is paid or owed. The table's
    /// proposer.
    /// @dev `SettlementLine` as above. Basis RULING (corrected gross), or CREDIT_NOTE with `CreditNote(bytes32 lineId,
    /// uint64 baseGross,uint64 gross,bytes32 noteDigest,` tail, signed by provider and consumer. That the original is
    /// final and still stands at `baseGross` is checked when the correction becomes final. Emits {LineBooked}.
    /// @param line The line; ordinal above 0, same agreement, component, currency and weights as the original.
    /// @param original The line that is corrected, as it was booked.
    /// @param evidence Terms, component and shares of the original.
    /// @param proposer The signature.
    /// @param parties Provider and consumer for a credit note; empty otherwise.
    /// @return lineId The line.
    function bookCorrection(
        Line calldata line,
        LineProof calldata original,
        BookingEvidence calldata evidence,
        PartySignature calldata proposer,
        PartySignature[] calldata parties
    ) external returns (LineId lineId);

    /// @notice A table. Reverts for an unknown one.
    /// @param tableId The table.
    /// @return The table.
    function tableOf(TableId tableId) external view returns (Table memory);

    /// @notice Number of tables so far.
    /// @return The number.
    function tableCount() external view returns (uint32);

    /// @notice Number of tables that a platform has opened: the nonce of its next one.
    /// @param proposer The platform.
    /// @return The number.
    function openedBy(BodyId proposer) external view returns (uint32);

    /// @notice What was booked in a version so far; all zero when nothing was.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @return The book.
    function versionBook(TableId tableId, TableVersion tableVersion) external view returns (VersionBook memory);

    /// @notice A booked line; all zero when it does not stand in this version.
    /// @param lineId The line.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @return The record.
    function lineOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (LineRecord memory);

    /// @notice The amounts of a booked line, in the order of its recipients.
    /// @param lineId The line.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @return The amounts; empty when it does not stand in this version.
    function amountsOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (int64[] memory);

    /// @notice Reverts unless exactly this was booked.
    /// @param proof Line and recipients.
    /// @return lineId The line.
    /// @return record The record.
    function requireBooked(LineProof calldata proof) external view returns (LineId lineId, LineRecord memory record);

    /// @notice Id of a line: keccak256(abi.encode(keccak256("cityledger/v1/line"), key)).
    /// @param key What names it.
    /// @return The id.
    function lineIdOf(LineKey calldata key) external pure returns (LineId);
}
