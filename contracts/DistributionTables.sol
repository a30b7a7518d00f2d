// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PartyActs} from "./access/PartyActs.sol";
import {IDigitalContractRegistry} from "./interfaces/IDigitalContractRegistry.sol";
import {IDistributionTables} from "./interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "./interfaces/IRevenueSettlement.sol";
import {Periods} from "./libraries/Periods.sol";
import {SettledUnits} from "./libraries/SettledUnits.sol";
import {TableTypedData} from "./libraries/TableTypedData.sol";
import {ObjectionBook} from "./settlement/ObjectionBook.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {BodyId, LineId, PeriodId, StreamId, TableId, TableVersion} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {Line, LineProof, StatementRange} from "./types/Lines.sol";
import {PartySignature} from "./types/Parties.sol";
import {BasisKind, Component} from "./types/Terms.sol";

/// @title Distribution tables
/// @notice See {IDistributionTables}. Decides which booking of a line counts, once; no owner, no setter, no value.
contract DistributionTables is IDistributionTables, ObjectionBook {
    using Periods for PeriodId;
    using SettledUnits for mapping(uint256 word => uint256 bits);

    /// @notice Longest window. A typing error in a window must not hold a table for years.
    uint32 public constant MAX_WINDOW = 60 days;

    uint32 private immutable _WINDOW_FLOOR;

    mapping(TableId tableId => mapping(TableVersion tableVersion => VersionRecord version)) private _versions;
    mapping(TableId tableId => TableVersion tableVersion) private _signed;
    /// @dev Proposals that were made: each counts once.
    mapping(bytes32 proposalHash => bool isMade) private _made;
    mapping(LineId lineId => Finality finality) private _finality;
    mapping(StreamId streamId => mapping(Component component => mapping(uint256 word => uint256 bits)))
        private _settled;
    /// @dev Rulings and credit notes that are used up.
    mapping(bytes32 basis => bool isUsed) private _used;

    /// @notice Fixes the contracts that are asked, and the times.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param agreements_ The `DigitalContractRegistry`.
    /// @param book_ The `RevenueSettlement`.
    /// @param windowFloor_ Least length of a window, in seconds.
    /// @param answerSeconds Time to answer an objection, in seconds.
    /// @param reviewSeconds Time to ask for a review, in seconds.
    constructor(
        IParticipantRegistry participants_,
        IDigitalContractRegistry agreements_,
        IRevenueSettlement book_,
        uint32 windowFloor_,
        uint32 answerSeconds,
        uint32 reviewSeconds
    )
        PartyActs(participants_, "CityLedger DistributionTables")
        ObjectionBook(agreements_, book_, answerSeconds, reviewSeconds)
    {
        _requireCode(address(participants_));
        _requireCode(address(agreements_));
        _requireCode(address(book_));
        if (windowFloor_ > MAX_WINDOW) {
            revert DistributionTablesWrongWindow(MAX_WINDOW, windowFloor_);
        }
        _WINDOW_FLOOR = windowFloor_;
    }

    /// @inheritdoc IDistributionTables
    function propose(Proposal calldata proposal, PartySignature calldata proposer) external {
        (TableId tableId, TableVersion tableVersion) = (proposal.tableId, proposal.tableVersion);
        IRevenueSettlement.Table memory table = _BOOK.tableOf(tableId);
        _requireNextVersion(tableId, tableVersion);
        _requireLinesAndWindow(proposal);
        bytes32 proposalHash = keccak256(abi.encode(proposal));
        if (_made[proposalHash]) {
            revert DistributionTablesWrongStatus(tableId, tableVersion, VersionStatus.PROPOSED);
        }
        bytes memory head = TableTypedData.headOfTable(proposal, table.period, table.currency);
        _requireSignedBy(table.proposer, head, proposer, KeyPurposes.BUSINESS, false);
        _made[proposalHash] = true;
        VersionRecord storage version = _versions[tableId][tableVersion];
        version.proposalHash = proposalHash;
        version.status = VersionStatus.PROPOSED;
        version.lineCount = proposal.lineCount;
        version.windowSeconds = proposal.windowSeconds;
        version.proposedAt = _now();
        emit TableProposed(tableId, tableVersion, table.proposer, proposal);
    }

    /// @inheritdoc IDistributionTables
    function sign(Proposal calldata proposal, PartySignature calldata second) external {
        VersionRecord storage version = _requireVersion(proposal, VersionStatus.PROPOSED);
        (TableId tableId, TableVersion tableVersion) = (proposal.tableId, proposal.tableVersion);
        IRevenueSettlement.Table memory table = _BOOK.tableOf(tableId);
        _requireSigned(
            TableTypedData.headOfTable(proposal, table.period, table.currency),
            second,
            _secondRoles(table.proposer, tableId, tableVersion),
            KeyPurposes.BUSINESS,
            false
        );
        version.status = VersionStatus.SIGNED;
        version.second = second.signer;
        _signed[tableId] = tableVersion;
        emit TableSigned(tableId, tableVersion, second.signer);
    }

    /// @inheritdoc IDistributionTables
    function recordPublication(
        Proposal calldata proposal,
        bytes32 publicationDigest,
        PartySignature calldata publisher
    ) external {
        VersionRecord storage version = _requireVersion(proposal, VersionStatus.SIGNED);
        BodyId by = publisher.signer;
        bool isProposer = by == _BOOK.tableOf(proposal.tableId).proposer;
        bool isThere = isProposer ? version.publishedByProposer : version.publishedBySecond;
        if (isThere || (!isProposer && by != version.second)) {
            revert DistributionTablesWrongPublisher(by);
        }
        bytes memory head = TableTypedData.headOfPublication(proposal, publicationDigest);
        _requireSigned(head, publisher, 0, KeyPurposes.BUSINESS, false);
        if (isProposer) {
            version.publishedByProposer = true;
        } else {
            version.publishedBySecond = true;
        }
        uint48 windowEnds = 0;
        if (version.publishedByProposer && version.publishedBySecond) {
            windowEnds = _now() + version.windowSeconds;
            version.windowEnds = windowEnds;
            version.status = VersionStatus.PUBLISHED;
        }
        emit TablePublished(proposal.tableId, proposal.tableVersion, by, publicationDigest, windowEnds);
    }

    /// @inheritdoc IDistributionTables
    function finalizeLine(LineProof calldata proof, StatementRange[] calldata ranges) external {
        Line calldata line = proof.line;
        (LineId lineId, IRevenueSettlement.LineRecord memory record) = _BOOK.requireBooked(proof);
        if (TableId.unwrap(_finality[lineId].tableId) != 0) {
            revert DistributionTablesAlreadyFinal(lineId);
        }
        _requireRipe(lineId, line, record.place);
        bool isCorrection = LineId.unwrap(line.corrects) != 0;
        _finality[lineId] = Finality(line.tableId, line.tableVersion, line.weightsRevision, line.gross, isCorrection);
        _useUp(lineId, line, ranges);
        emit LineFinalized(lineId, line.tableId, line.tableVersion);
        if (isCorrection) {
            _correct(lineId, line);
        }
    }

    /// @inheritdoc IDistributionTables
    function versionOf(TableId tableId, TableVersion tableVersion) external view returns (VersionRecord memory) {
        return _versions[tableId][tableVersion];
    }

    /// @inheritdoc IDistributionTables
    function signedVersion(TableId tableId) external view returns (TableVersion) {
        return _signed[tableId];
    }

    /// @inheritdoc IDistributionTables
    function finalityOf(LineId lineId) external view returns (Finality memory) {
        return _finality[lineId];
    }

    /// @inheritdoc IDistributionTables
    function objectionsAgainst(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (uint16 pending, bool upheld, uint64 frozen) {
        Against memory against = _objectionsTo(lineId, tableId, tableVersion);
        return (against.pending, against.upheld, against.frozen);
    }

    /// @inheritdoc IDistributionTables
    function windowFloor() external view returns (uint32) {
        return _WINDOW_FLOOR;
    }

    /// @dev Open from the second publication receipt to the end of the window, unless a later version has the line.
    function _requireOpenWindow(LineId lineId, Line calldata line, uint16 place) internal view override {
        VersionRecord storage version = _versions[line.tableId][line.tableVersion];
        uint48 windowEnds = version.windowEnds;
        if (_now() > windowEnds) {
            revert ObjectionsWindowClosed(lineId, windowEnds);
        }
        if (place >= version.lineCount) {
            revert DistributionTablesNotCovered(lineId);
        }
        if (TableVersion.unwrap(_replacementOf(lineId, line)) != 0) {
            revert ObjectionsWindowClosed(lineId, windowEnds);
        }
    }

    /// @dev A body with a reserved role has exactly that one, so the second signer is never the proposer. A line that
    /// the proposer books after the fact can only take the auditor away from a version, never let one in.
    function _secondRoles(
        BodyId proposer,
        TableId tableId,
        TableVersion tableVersion
    ) internal view override returns (uint32) {
        uint32 own = _PARTICIPANTS.bodyOf(proposer).roles;
        uint32 other =
            own & BodyRoles.TRADING_PLATFORM != 0 ? BodyRoles.AUTHORISATION_PLATFORM : BodyRoles.TRADING_PLATFORM;
        return _BOOK.versionBook(tableId, tableVersion).hasPublic ? other : other | BodyRoles.AUDITOR;
    }

    function _secondOf(TableId tableId, TableVersion tableVersion) internal view override returns (BodyId) {
        return _versions[tableId][tableVersion].second;
    }

    /// @dev Uses up what the line charges for, or reverts when it was used before. The line's own id is used up by its
    /// finality, which is all that a scheduled charge needs; but an agreement may have ended since it was booked.
    function _useUp(LineId lineId, Line calldata line, StatementRange[] calldata ranges) private {
        if (line.basis == BasisKind.STATEMENTS) {
            _useUpStatements(lineId, line, ranges);
        } else if (ranges.length != 0) {
            revert DistributionTablesWrongRanges(lineId);
        }
        if (line.basis == BasisKind.SCHEDULE) {
            _requireInForce(lineId, line);
        }
        if (line.basis == BasisKind.RULING || line.basis == BasisKind.CREDIT_NOTE) {
            // A ruling is one for each component, as statements are; a note's digest is chosen by its parties and says
            // nothing outside the line that it corrects.
            bytes32 basis = keccak256(abi.encode(line.basis, line.key.component, line.corrects, line.basisHash));
            if (_used[basis]) {
                revert DistributionTablesBasisUsed(line.basisHash);
            }
            _used[basis] = true;
        }
    }

    function _useUpStatements(LineId lineId, Line calldata line, StatementRange[] calldata ranges) private {
        if (keccak256(abi.encode(ranges)) != line.basisHash) {
            revert DistributionTablesWrongRanges(lineId);
        }
        for (uint256 i = 0; i < ranges.length; ++i) {
            StatementRange calldata range = ranges[i];
            if (!_settled[range.streamId][line.key.component].take(range.firstIndex, range.nextIndex)) {
                revert DistributionTablesUnitsSettled(lineId, i);
            }
        }
    }

    function _correct(LineId lineId, Line calldata line) private {
        Finality storage original = _finality[line.corrects];
        uint64 currentGross = original.currentGross;
        if (TableId.unwrap(original.tableId) == 0 || currentGross != line.baseGross) {
            revert DistributionTablesWrongBase(line.corrects, currentGross);
        }
        // The book takes any booking of the original for its proof; only this one counts. The same id may have been
        // booked as a line in one table and as a correction in another.
        if (original.isCorrection) {
            revert DistributionTablesCorrectsCorrection(line.corrects);
        }
        if (original.weightsRevision != line.weightsRevision) {
            revert DistributionTablesWrongWeights(line.corrects, original.weightsRevision, line.weightsRevision);
        }
        original.currentGross = line.gross;
        emit LineCorrected(line.corrects, lineId, line.gross);
    }

    /// @dev Covered, not replaced, window over, no objection: in this order.
    function _requireRipe(LineId lineId, Line calldata line, uint16 place) private view {
        (TableId tableId, TableVersion tableVersion) = (line.tableId, line.tableVersion);
        VersionRecord storage version = _versions[tableId][tableVersion];
        if (version.status != VersionStatus.PUBLISHED) {
            revert DistributionTablesWrongStatus(tableId, tableVersion, version.status);
        }
        if (place >= version.lineCount) {
            revert DistributionTablesNotCovered(lineId);
        }
        TableVersion replacement = _replacementOf(lineId, line);
        if (TableVersion.unwrap(replacement) != 0) {
            revert DistributionTablesReplaced(lineId, replacement);
        }
        if (_now() <= version.windowEnds) {
            revert DistributionTablesWindowOpen(lineId, version.windowEnds);
        }
        Against memory against = _objectionsTo(lineId, tableId, tableVersion);
        if (against.pending != 0 || against.upheld) {
            revert DistributionTablesObjected(lineId, against.pending, against.upheld);
        }
    }

    /// @dev The book asked the same when the line was booked, but an end comes nearer until its time has come. So the
    /// charge waits until a second of the period has passed in which the agreement holds: nothing undoes that.
    function _requireInForce(LineId lineId, Line calldata line) private view {
        IDigitalContractRegistry.DeliveryTerms memory agreed = _AGREEMENTS.deliveryTerms(line.key.agreementId);
        if (!line.key.period.overlaps(agreed.validFrom, agreed.validUntil)) {
            revert DistributionTablesOutsideValidity(lineId, agreed.validFrom, agreed.validUntil);
        }
        if (!line.key.period.hasBegun(_now()) || _now() < agreed.validFrom) {
            revert DistributionTablesNotBegun(lineId, agreed.validFrom);
        }
    }

    function _requireNextVersion(TableId tableId, TableVersion tableVersion) private view {
        TableVersion expected = TableVersion.wrap(TableVersion.unwrap(_signed[tableId]) + 1);
        if (tableVersion != expected) {
            revert DistributionTablesWrongVersion(tableId, expected, tableVersion);
        }
    }

    function _requireLinesAndWindow(Proposal calldata proposal) private view {
        IRevenueSettlement.VersionBook memory book = _BOOK.versionBook(proposal.tableId, proposal.tableVersion);
        bool isSame = proposal.lineCount == book.lineCount && proposal.linesDigest == book.linesDigest;
        if (!isSame || book.lineCount == 0) {
            revert DistributionTablesWrongLines(book.lineCount, book.linesDigest);
        }
        if (proposal.windowSeconds < _WINDOW_FLOOR || proposal.windowSeconds > MAX_WINDOW) {
            revert DistributionTablesWrongWindow(proposal.windowSeconds, _WINDOW_FLOOR);
        }
    }

    function _requireVersion(
        Proposal calldata proposal,
        VersionStatus status
    ) private view returns (VersionRecord storage version) {
        version = _versions[proposal.tableId][proposal.tableVersion];
        if (version.status != status) {
            revert DistributionTablesWrongStatus(proposal.tableId, proposal.tableVersion, version.status);
        }
        bytes32 proposalHash = keccak256(abi.encode(proposal));
        if (proposalHash != version.proposalHash) {
            revert DistributionTablesWrongProposal(version.proposalHash, proposalHash);
        }
    }

    /// @dev First later signed version that covers the line again; zero when none does. A table has at most 16
    /// versions.
    function _replacementOf(LineId lineId, Line calldata line) private view returns (TableVersion) {
        uint16 last = TableVersion.unwrap(_signed[line.tableId]);
        for (uint16 i = TableVersion.unwrap(line.tableVersion) + 1; i <= last; ++i) {
            TableVersion later = TableVersion.wrap(i);
            IRevenueSettlement.LineRecord memory record = _BOOK.lineOf(lineId, line.tableId, later);
            if (record.contentHash != 0 && record.place < _versions[line.tableId][later].lineCount) {
                return later;
            }
        }
        return TableVersion.wrap(0);
    }

    function _requireCode(address location) private view {
        if (location.code.length == 0) {
            revert DistributionTablesNoCode(location);
        }
    }
}
