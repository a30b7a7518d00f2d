// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, LineId, StreamId, TableId, TableVersion} from "./Ids.sol";
import {BasisKind, LineKey} from "./Terms.sol";

/// @notice Consecutive statements of one stream, which a line charges for.
/// @param streamId The stream.
/// @param firstIndex First statement.
/// @param nextIndex First statement that is not part of it.
struct StatementRange {
    StreamId streamId;
    uint64 firstIndex;
    uint64 nextIndex;
}

/// @notice A line as it is booked. What is booked under (line id, table, version) never changes.
/// @param key What names it.
/// @param tableId Table that it is booked in.
/// @param tableVersion Version of the table that it is booked in.
/// @param basis What it charges for.
/// @param basisHash STATEMENTS: keccak256(abi.encode(StatementRange[])). RULING: the dispute's id. SCHEDULE: zero.
/// CREDIT_NOTE: digest of the note.
/// @param weightsRevision Revision of the signed weights that split it: those of its agreement, component and period,
/// or of the corrected line's for a correction.
/// @param gross What is split, in minor units. Of a correction: what the corrected line's gross becomes.
/// @param corrects Line that it corrects; zero for none.
/// @param baseGross Of a correction: gross of the corrected line until now; zero otherwise.
struct Line {
    LineKey key;
    TableId tableId;
    TableVersion tableVersion;
    BasisKind basis;
    bytes32 basisHash;
    uint16 weightsRevision;
    uint64 gross;
    LineId corrects;
    uint64 baseGross;
}

/// @notice A booked line, shown again: it counts only when it hashes to what was booked.
/// @param line The line.
/// @param recipients Its recipients, in order.
struct LineProof {
    Line line;
    BodyId[] recipients;
}
