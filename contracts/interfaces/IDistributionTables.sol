// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, LineId, TableId, TableVersion} from "../types/Ids.sol";
import {LineProof, StatementRange} from "../types/Lines.sol";
import {PartySignature} from "../types/Parties.sol";
import {IObjections} from "./IObjections.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Distribution tables: signed by two, published twice, open to objection, then final line by line
/// @notice A version of a table covers the lines that were booked in it when both platforms signed. Its window starts
/// with the second publication receipt and is never shorter than the floor. A line becomes final when the window of the
/// version that it stands in is over, no objection is pending, and no later signed version has booked it again. Final
/// is final: what comes after is a correction, a line of its own. Units, rulings and credit notes are used up here,
/// once. Domain name: "CityLedger DistributionTables".
interface IDistributionTables is IPartyActs, IObjections {
    /// @notice Life of a version. UNKNOWN -> PROPOSED -> SIGNED -> PUBLISHED. Numbers never change. A proposal may be
    /// replaced until it is signed.
    enum VersionStatus {
        UNKNOWN,
        PROPOSED,
        SIGNED,
        PUBLISHED
    }

    /// @notice What both platforms sign. EIP-712 `DistributionTable(uint32 tableId,uint16 tableVersion,uint32 period,
    /// bytes3 currency,uint16 lineCount,bytes28 linesDigest,uint32 windowSeconds,bytes32 calendarDigest,` and the tail.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param lineCount Number of lines booked in it.
    /// @param linesDigest Their digest, see `IRevenueSettlement.VersionBook`.
    /// @param windowSeconds Length of its window; at least the floor.
    /// @param calendarDigest Digest of the calendar that the window was computed by.
    struct Proposal {
        TableId tableId;
        TableVersion tableVersion;
        uint16 lineCount;
        bytes28 linesDigest;
        uint32 windowSeconds;
        bytes32 calendarDigest;
    }

    /// @notice A version on record. One storage slot besides its hash.
    /// @param proposalHash keccak256(abi.encode(Proposal)).
    /// @param status Where it stands.
    /// @param publishedByProposer Whether the proposer's publication receipt is here.
    /// @param publishedBySecond Whether the second signer's publication receipt is here.
    /// @param lineCount Number of lines that it covers.
    /// @param windowSeconds Length of its window.
    /// @param windowEnds Last second of its window, Unix time; zero before publication.
    /// @param proposedAt Block time of the (last) proposal; payee accounts are bound as of this time.
    /// @param second The second signer; zero before it signed.
    struct VersionRecord {
        bytes32 proposalHash;
        VersionStatus status;
        bool publishedByProposer;
        bool publishedBySecond;
        uint16 lineCount;
        uint32 windowSeconds;
        uint48 windowEnds;
        uint48 proposedAt;
        BodyId second;
    }

    /// @notice Where a line became final.
    /// @param tableId The table; zero while it is not final.
    /// @param tableVersion The version.
    /// @param weightsRevision Revision of the weights that split it; its corrections are split by the same.
    /// @param currentGross Its gross after all final corrections, in minor units.
    /// @param isCorrection Whether what became final is a correction, which nothing corrects.
    struct Finality {
        TableId tableId;
        TableVersion tableVersion;
        uint16 weightsRevision;
        uint64 currentGross;
        bool isCorrection;
    }

    /// @notice A version was proposed.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param proposer The platform.
    /// @param proposal What it signed.
    event TableProposed(
        TableId indexed tableId,
        TableVersion indexed tableVersion,
        BodyId indexed proposer,
        Proposal proposal
    );
    /// @notice A version has its second signature.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param second The second signer.
    event TableSigned(TableId indexed tableId, TableVersion indexed tableVersion, BodyId indexed second);
    /// @notice A version was published at one place.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param by The body that published it.
    /// @param publicationDigest Digest of the publication (place, time, content).
    /// @param windowEnds Last second of the window, Unix time; zero while the other receipt is missing.
    event TablePublished(
        TableId indexed tableId,
        TableVersion indexed tableVersion,
        BodyId indexed by,
        bytes32 publicationDigest,
        uint48 windowEnds
    );
    /// @notice A line is final.
    /// @param lineId The line.
    /// @param tableId Its table.
    /// @param tableVersion Its version.
    event LineFinalized(LineId indexed lineId, TableId indexed tableId, TableVersion indexed tableVersion);

    /// @notice The gross of a final line is another one: a correction of it became final.
    /// @param lineId The line that is corrected.
    /// @param correction The line that corrects it.
    /// @param currentGross Its gross now, in minor units.
    event LineCorrected(LineId indexed lineId, LineId indexed correction, uint64 currentGross);

    /// @notice There is no contract where another contract of the suite is expected.
    /// @param location The address.
    error DistributionTablesNoCode(address location);
    /// @notice The version's state does not allow this.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @param status Where it stands.
    error DistributionTablesWrongStatus(TableId tableId, TableVersion tableVersion, VersionStatus status);
    /// @notice Versions are proposed one after the other, each when the one before has both signatures.
    /// @param tableId The table.
    /// @param expected Number of the version that can be proposed.
    /// @param tableVersion Number that was given.
    error DistributionTablesWrongVersion(TableId tableId, TableVersion expected, TableVersion tableVersion);
    /// @notice The proposal does not cover exactly what is booked.
    /// @param lineCount Number of lines booked.
    /// @param linesDigest Their digest.
    error DistributionTablesWrongLines(uint16 lineCount, bytes28 linesDigest);
    /// @notice The window is shorter than the floor, or longer than 60 days.
    /// @param windowSeconds Its length.
    /// @param floorSeconds The floor.
    error DistributionTablesWrongWindow(uint32 windowSeconds, uint32 floorSeconds);
    /// @notice This is not what was proposed.
    /// @param expected Hash of what was proposed.
    /// @param actual Hash of what was shown.
    error DistributionTablesWrongProposal(bytes32 expected, bytes32 actual);
    /// @notice The publication receipt is neither the proposer's nor the second signer's, or is there already.
    /// @param body The body that signed it.
    error DistributionTablesWrongPublisher(BodyId body);
    /// @notice The line is final already.
    /// @param lineId The line.
    error DistributionTablesAlreadyFinal(LineId lineId);
    /// @notice The line was booked after the version was signed: it is not part of it.
    /// @param lineId The line.
    error DistributionTablesNotCovered(LineId lineId);
    /// @notice A later signed version has booked the line again.
    /// @param lineId The line.
    /// @param tableVersion That version.
    error DistributionTablesReplaced(LineId lineId, TableVersion tableVersion);
    /// @notice The window is not over.
    /// @param lineId The line.
    /// @param windowEnds Its last second, Unix time.
    error DistributionTablesWindowOpen(LineId lineId, uint48 windowEnds);
    /// @notice Objections are pending, or one was upheld.
    /// @param lineId The line.
    /// @param pending Number of pending objections.
    /// @param upheld Whether one was upheld.
    error DistributionTablesObjected(LineId lineId, uint16 pending, bool upheld);
    /// @notice The shown statements are not what the line was booked with.
    /// @param lineId The line.
    error DistributionTablesWrongRanges(LineId lineId);
    /// @notice A statement of this range was settled before, for the same component.
    /// @param lineId The line.
    /// @param range Place of the range among the line's.
    error DistributionTablesUnitsSettled(LineId lineId, uint256 range);
    /// @notice The ruling was used before for this component, or the credit note for this line.
    /// @param basisHash The ruling's or note's hash.
    error DistributionTablesBasisUsed(bytes32 basisHash);
    /// @notice The line charges by schedule for a period in which the agreement does not hold: it ended before.
    /// @param lineId The line.
    /// @param validFrom First second of the agreement, Unix time.
    /// @param validUntil Its last second.
    error DistributionTablesOutsideValidity(LineId lineId, uint64 validFrom, uint64 validUntil);
    /// @notice The line charges by schedule for a period that has not begun, or in which the agreement does not hold
    /// yet: it may still end before.
    /// @param lineId The line.
    /// @param validFrom First second of the agreement, Unix time.
    error DistributionTablesNotBegun(LineId lineId, uint64 validFrom);
    /// @notice The corrected line is not final, or its gross is not what the correction starts from.
    /// @param lineId The line that is corrected.
    /// @param currentGross Its gross now.
    error DistributionTablesWrongBase(LineId lineId, uint64 currentGross);
    /// @notice The correction is split by other weights than the line that became final.
    /// @param lineId The line that is corrected.
    /// @param expected Revision of the weights that split it.
    /// @param weightsRevision Revision that the correction names.
    error DistributionTablesWrongWeights(LineId lineId, uint16 expected, uint16 weightsRevision);
    /// @notice What became final under this id is a correction. Corrections of a line follow one another by its gross;
    /// none corrects another one.
    /// @param lineId The line that was to be corrected.
    error DistributionTablesCorrectsCorrection(LineId lineId);

    /// @notice Proposes a version. The table's proposer, purpose BUSINESS.
    /// @dev Version 1 first; version n + 1 once version n is signed: an adjustment of what is published, or a way on
    /// when version n will never be. What stands in version n alone waits for its publication. One proposal counts
    /// once, so that relaying it again does not move the time as of which accounts are bound. Emits {TableProposed}.
    /// @param proposal What is proposed.
    /// @param proposer `DistributionTable`, signed by the table's proposer.
    function propose(Proposal calldata proposal, PartySignature calldata proposer) external;

    /// @notice Signs a proposed version. The platform of the other role; for a version without public data an auditor
    /// will do as well. Purpose BUSINESS.
    /// @dev Emits {TableSigned}.
    /// @param proposal What was proposed.
    /// @param second `DistributionTable`, signed by the second signer.
    function sign(Proposal calldata proposal, PartySignature calldata second) external;

    /// @notice Records a publication receipt of a signed version. Proposer and second signer, one each; the window
    /// starts with the second one.
    /// @dev `Publication(uint32 tableId,uint16 tableVersion,bytes28 linesDigest,bytes32 publicationDigest,` tail.
    /// Emits {TablePublished}.
    /// @param proposal What was published.
    /// @param publicationDigest Digest of the publication.
    /// @param publisher The publisher's signature.
    function recordPublication(
        Proposal calldata proposal,
        bytes32 publicationDigest,
        PartySignature calldata publisher
    ) external;

    /// @notice Makes a line final. Anyone.
    /// @dev Order of checks: not final; covered; not replaced; window over; no objection; then uses up its basis. Emits
    /// {LineFinalized}, and {LineCorrected} for a correction.
    /// @param proof The line as it was booked.
    /// @param ranges The statements it charges for; empty for any other basis.
    function finalizeLine(LineProof calldata proof, StatementRange[] calldata ranges) external;

    /// @notice A version on record; all zero for an unknown one.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @return The record.
    function versionOf(TableId tableId, TableVersion tableVersion) external view returns (VersionRecord memory);

    /// @notice Newest version that both platforms signed; zero when none is.
    /// @param tableId The table.
    /// @return The version.
    function signedVersion(TableId tableId) external view returns (TableVersion);

    /// @notice Where a line became final; all zero while it is not.
    /// @param lineId The line.
    /// @return The finality.
    function finalityOf(LineId lineId) external view returns (Finality memory);

    /// @notice Objections against a booking of a line.
    /// @param lineId The line.
    /// @param tableId The table.
    /// @param tableVersion The version.
    /// @return pending Number of pending objections.
    /// @return upheld Whether one was upheld.
    /// @return frozen Sum of the amounts contested by pending objections, in minor units.
    function objectionsAgainst(
        LineId lineId,
        TableId tableId,
        TableVersion tableVersion
    ) external view returns (uint16 pending, bool upheld, uint64 frozen);

    /// @notice Least length of a window. Fixed at deployment.
    /// @return The length in seconds.
    function windowFloor() external view returns (uint32);
}
