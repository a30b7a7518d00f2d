// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "./interfaces/IRevenueSettlement.sol";
import {AgreementTypedData} from "./libraries/AgreementTypedData.sol";
import {LineTypedData} from "./libraries/LineTypedData.sol";
import {PackedAmounts} from "./libraries/PackedAmounts.sol";
import {Periods} from "./libraries/Periods.sol";
import {LineBooking} from "./settlement/LineBooking.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId, Currency, LineId, PeriodId, TableId, TableVersion} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {Line, LineProof} from "./types/Lines.sol";
import {PartySignature} from "./types/Parties.sol";
import {BasisKind, LineKey} from "./types/Terms.sol";

/// @title Revenue settlement
/// @notice See {IRevenueSettlement}. The writing half: tables, their versions, booked lines. Every place is written
/// once; only a version's running digest and count move, and only on.
contract RevenueSettlement is LineBooking, PartyActs {
    using Periods for PeriodId;
    using PackedAmounts for mapping(uint256 place => uint256 word);

    /// @dev One storage slot, and one for every five amounts.
    struct Booking {
        LineRecord record;
        mapping(uint256 place => uint256 word) amounts;
    }

    /// @notice Most versions of a table.
    uint16 public constant MAX_VERSIONS = 16;
    /// @dev Provider and consumer.
    uint256 private constant _NOTE_SIGNATURES = 2;

    uint32 private _tableCount;
    mapping(BodyId proposer => uint32 count) private _openedBy;
    mapping(Currency currency => bool isSettled) private _currencies;
    mapping(TableId tableId => Table table) private _tables;
    mapping(TableId tableId => mapping(TableVersion tableVersion => VersionBook book)) private _books;
    mapping(LineId lineId => mapping(TableId tableId => mapping(TableVersion tableVersion => Booking booking)))
        private _bookings;

    /// @notice Deploys the contract beside the contracts that it asks, none of which can ever be exchanged.
    /// @param participants_ The `ParticipantRegistry`; must have code already.
    /// @param sources Where agreements, rules, statements and rulings are; each must have code already.
    /// @param currencies ISO 4217 codes of the currencies that are settled here.
    constructor(
        IParticipantRegistry participants_,
        Sources memory sources,
        Currency[] memory currencies
    ) LineBooking(sources) PartyActs(participants_, "CityLedger RevenueSettlement") {
        _requireCode(address(participants_));
        for (uint256 i = 0; i < currencies.length; ++i) {
            _currencies[currencies[i]] = true;
        }
    }

    /// @inheritdoc IRevenueSettlement
    function openTable(
        uint32 nonce,
        PeriodId period,
        Currency currency,
        PartySignature calldata proposer
    ) external returns (TableId tableId) {
        uint32 count = _openedBy[proposer.signer];
        if (nonce != count) {
            revert RevenueSettlementWrongNonce(count, nonce);
        }
        if (!period.isMonth()) {
            revert RevenueSettlementWrongPeriod(period, currency);
        }
        if (!_currencies[currency]) {
            revert RevenueSettlementUnknownCurrency(currency);
        }
        bytes memory head = LineTypedData.headOfOpening(nonce, period, currency);
        _requireSigned(head, proposer, BodyRoles.PLATFORMS, KeyPurposes.BUSINESS, false);
        _openedBy[proposer.signer] = count + 1;
        tableId = TableId.wrap(++_tableCount);
        _tables[tableId] = Table(proposer.signer, period, currency);
        // The slots of all versions are paid here, once a table, and not by the first line of each version.
        bytes28 seed = LineTypedData.firstDigestOf(tableId);
        for (uint16 version = 1; version <= MAX_VERSIONS; ++version) {
            _books[tableId][TableVersion.wrap(version)].linesDigest = seed;
        }
        emit TableOpened(tableId, proposer.signer, period, currency);
    }

    /// @inheritdoc IRevenueSettlement
    function bookLine(
        Line calldata line,
        BookingEvidence calldata evidence,
        PartySignature calldata proposer
    ) external returns (LineId lineId) {
        Booking storage booking;
        (lineId, booking) = _requireProposed(line, evidence, proposer);
        _requireTerms(lineId, line.key, evidence);
        _requireBasis(lineId, line, evidence);
        _requireWeights(line, line.key.period, evidence);
        (BodyId[] memory recipients, int64[] memory amounts) = _split(lineId, line.gross, evidence);
        _book(booking, lineId, line, evidence, recipients, amounts);
    }

    /// @inheritdoc IRevenueSettlement
    function bookCorrection(
        Line calldata line,
        LineProof calldata original,
        BookingEvidence calldata evidence,
        PartySignature calldata proposer,
        PartySignature[] calldata parties
    ) external returns (LineId lineId) {
        Booking storage booking;
        (lineId, booking) = _requireProposed(line, evidence, proposer);
        _requireCorrectable(lineId, line, original);
        _requireTerms(lineId, original.line.key, evidence);
        _requireCorrectionBasis(lineId, line, evidence, parties);
        _requireWeights(line, original.line.key.period, evidence);
        (BodyId[] memory recipients, int64[] memory amounts) = _splitDifference(
            line.corrects,
            line.gross,
            line.baseGross,
            evidence
        );
        // The weights name the component's terms, and so the recipients: they are the original's.
        _book(booking, lineId, line, evidence, recipients, amounts);
    }

    /// @inheritdoc IRevenueSettlement
    function tableOf(TableId tableId) external view returns (Table memory table) {
        table = _tables[tableId];
        _requireTable(tableId, table.proposer);
    }

    /// @inheritdoc IRevenueSettlement
    function tableCount() external view returns (uint32) {
        return _tableCount;
    }

    /// @inheritdoc IRevenueSettlement
    function openedBy(BodyId proposer) external view returns (uint32) {
        return _openedBy[proposer];
    }

    /// @inheritdoc IRevenueSettlement
    function versionBook(TableId tableId, TableVersion tableVersion) external view returns (VersionBook memory) {
        return _books[tableId][tableVersion];
    }

    /// @inheritdoc IRevenueSettlement
    function lineOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (LineRecord memory) {
        return _bookings[lineId][tableId][tableVersion].record;
    }

    /// @inheritdoc IRevenueSettlement
    function amountsOf(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (int64[] memory) {
        Booking storage booking = _bookings[lineId][tableId][tableVersion];
        return booking.amounts.loadAll(booking.record.recipients);
    }

    /// @inheritdoc IRevenueSettlement
    function requireBooked(LineProof calldata proof) public view returns (LineId lineId, LineRecord memory record) {
        Line calldata line = proof.line;
        lineId = AgreementTypedData.lineIdOf(line.key);
        record = _bookings[lineId][line.tableId][line.tableVersion].record;
        bytes28 shown = LineTypedData.contentHashOf(line, keccak256(abi.encode(proof.recipients)));
        if (record.contentHash != shown) {
            revert RevenueSettlementUnknownLine(lineId, shown);
        }
    }

    /// @inheritdoc IRevenueSettlement
    function lineIdOf(LineKey calldata key) external pure returns (LineId) {
        return AgreementTypedData.lineIdOf(key);
    }

    /// @dev Writes a line that passed every check. The place must be free, and the amounts one for each recipient.
    function _book(
        Booking storage booking,
        LineId lineId,
        Line calldata line,
        BookingEvidence calldata evidence,
        BodyId[] memory recipients,
        int64[] memory amounts
    ) private {
        bytes28 contentHash = LineTypedData.contentHashOf(line, _recipientsHash(recipients));
        VersionBook memory book = _books[line.tableId][line.tableVersion];
        uint16 place = book.lineCount;
        // A component has at most 250 recipients, or the split has refused it.
        booking.record = LineRecord(contentHash, place, uint8(recipients.length), evidence.terms.payBasis);
        booking.amounts.store(amounts);
        book.linesDigest = LineTypedData.nextDigest(book.linesDigest, lineId, contentHash);
        book.lineCount = place + 1;
        book.hasPublic = book.hasPublic || evidence.terms.isPublic;
        _books[line.tableId][line.tableVersion] = book;
        emit LineBooked(lineId, line.tableId, line.key.agreementId, line, place, recipients, amounts);
    }

    /// @dev A free place in a table of this period and currency, and the signature of the table's proposer.
    function _requireProposed(
        Line calldata line,
        BookingEvidence calldata evidence,
        PartySignature calldata proposer
    ) private returns (LineId lineId, Booking storage booking) {
        Table memory table = _tables[line.tableId];
        _requireTable(line.tableId, table.proposer);
        if (!(line.key.period == table.period) || line.key.currency != table.currency) {
            revert RevenueSettlementWrongPeriod(line.key.period, line.key.currency);
        }
        uint16 version = TableVersion.unwrap(line.tableVersion);
        if (version == 0 || version > MAX_VERSIONS) {
            revert RevenueSettlementWrongVersion(line.tableVersion);
        }
        lineId = AgreementTypedData.lineIdOf(line.key);
        booking = _bookings[lineId][line.tableId][line.tableVersion];
        if (booking.record.recipients != 0) {
            revert RevenueSettlementAlreadyBooked(lineId);
        }
        bytes memory head = LineTypedData.headOfLine(line, evidence.terms);
        _requireSignedBy(table.proposer, head, proposer, KeyPurposes.BUSINESS, false);
    }

    /// @dev A booked line that is no correction itself: corrections follow one another by `baseGross`, not in a chain.
    function _requireCorrectable(LineId lineId, Line calldata line, LineProof calldata original) private view {
        (LineId originalId, ) = requireBooked(original);
        LineKey calldata key = original.line.key;
        bool isOther =
            line.key.agreementId != key.agreementId ||
                line.key.component != key.component ||
                line.key.currency != key.currency ||
                line.weightsRevision != original.line.weightsRevision;
        bool isChained = LineId.unwrap(original.line.corrects) != 0;
        // A correction stands beside the regular line of its period, and never in its own place.
        bool isMisplaced = line.key.ordinal == 0 || !(lineId != originalId);
        if (line.corrects != originalId || isOther || isChained || isMisplaced) {
            revert RevenueSettlementWrongCorrection(line.corrects);
        }
    }

    /// @dev A ruling that orders this gross, or a credit note that provider and consumer signed.
    function _requireCorrectionBasis(
        LineId lineId,
        Line calldata line,
        BookingEvidence calldata evidence,
        PartySignature[] calldata parties
    ) private {
        _requireAllowed(lineId, line.basis, evidence.component.terms.bases);
        _requireStorable(line.gross);
        _requireStorable(line.baseGross);
        if (evidence.ranges.length != 0) {
            revert RevenueSettlementWrongRanges(lineId);
        }
        bool isNote = line.basis == BasisKind.CREDIT_NOTE;
        if (parties.length != (isNote ? _NOTE_SIGNATURES : 0)) {
            revert RevenueSettlementWrongCorrection(line.corrects);
        }
        if (isNote) {
            _requireNote(lineId, line, parties);
        } else if (line.basis == BasisKind.RULING) {
            _requireCorrectedGross(line, evidence.terms.isPublic);
        } else {
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
    }

    function _requireNote(LineId lineId, Line calldata line, PartySignature[] calldata parties) private {
        if (line.basisHash == 0) {
            revert RevenueSettlementBasisNotAllowed(lineId, line.basis);
        }
        if (line.gross >= line.baseGross) {
            revert RevenueSettlementWrongGross(line.gross, line.baseGross);
        }
        (BodyId provider, BodyId consumer) = _AGREEMENTS.partiesOf(line.key.agreementId);
        bytes memory head = LineTypedData.headOfCreditNote(line.corrects, line.baseGross, line.gross, line.basisHash);
        _requireSignedBy(provider, head, parties[0], KeyPurposes.BUSINESS, false);
        _requireSignedBy(consumer, head, parties[1], KeyPurposes.BUSINESS, false);
    }

    function _requireTable(TableId tableId, BodyId proposer) private pure {
        // A table without proposer was never opened.
        if (BodyId.unwrap(proposer) == 0) {
            revert RevenueSettlementUnknownTable(tableId);
        }
    }

    function _recipientsHash(BodyId[] memory recipients) private pure returns (bytes32) {
        return keccak256(abi.encode(recipients));
    }
}
