// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Evidence log: append-only heads of RFC 9162 logs
/// @notice Holds, for every log, the newest anchored head (tree size and root hash). A head is accepted only with the
/// signature of the log's anchor key and, after the first, with an RFC 9162 consistency path that the contract checks
/// itself. Anyone may submit it: the signature stands in every published checkpoint. Nothing is ever rewritten or
/// paused.
/// Older heads are read from `HeadAnchored` events, by log id and tree size.
interface IEvidenceLog {
    /// @notice What became of a correctly signed head. Numbers are part of the interface and never change.
    /// ANCHORED (0): it is the head now. REPEATED (1): it was the head already. STALE (2): the head has moved on, or
    /// the caller named another old size; look and try again. FORKED (3): the log signed two roots for one size.
    enum Outcome {
        ANCHORED,
        REPEATED,
        STALE,
        FORKED
    }

    /// @notice Life of a log: UNKNOWN (0) before `openLog`, OPEN (1), CLOSED (2) for ever after `closeLog`.
    enum LogStatus {
        UNKNOWN,
        OPEN,
        CLOSED
    }

    /// @notice A head as the log signed it.
    /// @param treeSize Number of entries.
    /// @param rootHash Root of the tree.
    /// @param signature r || s || v of the anchor key over the EIP-712 `Checkpoint`.
    struct SignedHead {
        uint64 treeSize;
        bytes32 rootHash;
        bytes signature;
    }

    /// @notice The council opened a log; its head is the empty tree.
    /// @param logId Id of the log, see `openLog`.
    /// @param origin Origin line of the log's checkpoints.
    /// @param checkpointKey Ed25519 public key of the log's notes.
    /// @param anchorKey Address of the secp256k1 key that signs the log's heads.
    event LogOpened(bytes32 indexed logId, string origin, bytes32 checkpointKey, address anchorKey);

    /// @notice The council closed a log; its head stays what it is.
    /// @param logId The log.
    /// @param treeSize Size of the final head.
    /// @param rootHash Root of the final head.
    /// @param successor Log that starts from the final head, or zero when there is none.
    event LogClosed(bytes32 indexed logId, uint64 treeSize, bytes32 rootHash, bytes32 indexed successor);

    /// @notice The head moved (outcome ANCHORED).
    /// @param logId The log.
    /// @param treeSize Size of the new head.
    /// @param rootHash Root of the new head.
    event HeadAnchored(bytes32 indexed logId, uint64 indexed treeSize, bytes32 rootHash);

    /// @notice The head was submitted again; nothing changed (outcome REPEATED).
    /// @param logId The log.
    /// @param treeSize Size of the head.
    /// @param rootHash Root of the head.
    event AnchorRepeated(bytes32 indexed logId, uint64 indexed treeSize, bytes32 rootHash);

    /// @notice A race was lost or the old size is not the head's; nothing changed (outcome STALE).
    /// @param logId The log.
    /// @param treeSize Size of the head that stays.
    /// @param oldSize Size that the caller took for the head's.
    /// @param newSize Size that was submitted.
    /// @param newRoot Root that was submitted.
    event AnchorStale(bytes32 indexed logId, uint64 indexed treeSize, uint64 oldSize, uint64 newSize, bytes32 newRoot);

    /// @notice The log signed another root for the size of the head; the log is marked for ever (outcome FORKED).
    /// @param logId The log.
    /// @param treeSize Size of both trees.
    /// @param rootHash Root of the head, which stays.
    /// @param otherRootHash The other signed root.
    event HeadForked(bytes32 indexed logId, uint64 indexed treeSize, bytes32 rootHash, bytes32 otherRootHash);

    /// @notice Two heads that the log signed cannot both be true; the log is marked for ever (`reportFork`).
    /// @param logId The log.
    /// @param treeSize1 Size of the smaller head.
    /// @param rootHash1 Root that the log signed for it.
    /// @param provenRootHash1 The other root of that size, which the other head extends.
    /// @param treeSize2 Size of the other head.
    /// @param rootHash2 Root that the log signed for it.
    event ForkReported(
        bytes32 indexed logId,
        uint64 indexed treeSize1,
        bytes32 rootHash1,
        bytes32 provenRootHash1,
        uint64 treeSize2,
        bytes32 rootHash2
    );

    /// @notice Only the council may do this.
    /// @param caller Who called.
    error EvidenceLogUnauthorizedCaller(address caller);

    /// @notice A council without code could never act.
    /// @param council The address.
    error EvidenceLogCouncilWithoutCode(address council);

    /// @notice The zero address is no key: nobody could sign, and failed recoveries would match it.
    error EvidenceLogZeroAnchorKey();

    /// @notice The log was opened before.
    /// @param logId The log.
    error EvidenceLogAlreadyOpened(bytes32 logId);

    /// @notice No log of this id was opened.
    /// @param logId The log.
    error EvidenceLogUnknownLog(bytes32 logId);

    /// @notice The log is closed.
    /// @param logId The log.
    error EvidenceLogClosedLog(bytes32 logId);

    /// @notice A log cannot succeed itself.
    /// @param logId The log.
    error EvidenceLogSelfSuccession(bytes32 logId);

    /// @notice The signature is malformed or not by the log's anchor key.
    /// @param logId The log.
    /// @param treeSize Size of the head that was to be signed.
    /// @param rootHash Root of the head that was to be signed.
    /// @param recovered Address that the signature belongs to, zero when it has not the one accepted form.
    error EvidenceLogInvalidSignature(bytes32 logId, uint64 treeSize, bytes32 rootHash, address recovered);

    /// @notice A head may add at most 2^32 entries, so that a stolen key cannot use up the size range at once.
    /// @param logId The log.
    /// @param treeSize Size of the head.
    /// @param newSize Size that was submitted.
    error EvidenceLogGrowthTooLarge(bytes32 logId, uint64 treeSize, uint64 newSize);

    /// @notice The first anchor has an empty path.
    /// @param logId The log.
    /// @param length Number of hashes that were given.
    error EvidenceLogPathNotEmpty(bytes32 logId, uint256 length);

    /// @notice The other head extends the very root that was signed: no fork.
    /// @param logId The log.
    /// @param treeSize Size of the smaller head.
    /// @param rootHash Its root.
    error EvidenceLogNotForked(bytes32 logId, uint64 treeSize, bytes32 rootHash);

    /// @notice Opens a log. Council only.
    /// @dev Emits {LogOpened}. Requirements: the anchor key is not zero; the log was not opened before.
    /// @param origin Origin line of the log's checkpoints.
    /// @param checkpointKey Ed25519 public key of the log's notes; bound into the id, not used on chain.
    /// @param anchorKey Address of the secp256k1 key that signs the log's heads.
    /// @return logId keccak256 over type hash, chain id, this contract, keccak256(origin) and both keys.
    function openLog(string calldata origin, bytes32 checkpointKey, address anchorKey) external returns (bytes32 logId);

    /// @notice Closes a log for ever and names its successor. Council only.
    /// @dev Emits {LogClosed}. Requirements: the log is open; the successor is zero or another open log.
    /// @param logId The log.
    /// @param successor Log that starts from this log's final head, or zero.
    function closeLog(bytes32 logId, bytes32 successor) external;

    /// @notice Submits a head. Anyone may call; a lost race or a repeat succeeds and says so.
    /// @dev The signature is checked first; then in this order: REPEATED (same size, same root), FORKED (same size,
    /// another root), STALE (newSize below the head's size, or oldSize not the head's size), ANCHORED.
    /// Emits {AnchorRepeated}, {HeadForked}, {AnchorStale} or {HeadAnchored}.
    /// Reverts only for an unknown or closed log, a bad signature, growth above 2^32, or a path that is false for the
    /// present head (errors of the library RFC9162). The first anchor has oldSize 0 and an empty path.
    /// @param logId The log.
    /// @param oldSize Size of the head that the path starts from.
    /// @param newSize Size of the new head.
    /// @param newRoot Root of the new head.
    /// @param path RFC 9162 consistency path from oldSize to newSize.
    /// @param signature r || s || v of the anchor key over `Checkpoint(logId, newSize, newRoot)`.
    /// @return outcome What became of it.
    function anchor(
        bytes32 logId,
        uint64 oldSize,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata path,
        bytes calldata signature
    ) external returns (Outcome outcome);

    /// @notice Marks a log as equivocated by two of its own signatures. Anyone may call, also after the log was closed.
    /// @dev Emits {ForkReported}, also when the log was marked before: each report is evidence of its own.
    /// Form (a), equal sizes: `provenRootHash1` is `head2.rootHash`, the path is empty.
    /// Form (b), size 1 below size 2: `path` proves that head2 extends `provenRootHash1` at size 1.
    /// Requirements: both signatures are by the anchor key; `provenRootHash1` differs from `head1.rootHash`.
    /// @param logId The log.
    /// @param head1 The smaller head, or either of two equally large ones.
    /// @param head2 The other head.
    /// @param provenRootHash1 Root at size 1 that head2 extends.
    /// @param path RFC 9162 consistency path from (size 1, provenRootHash1) to head2.
    function reportFork(
        bytes32 logId,
        SignedHead calldata head1,
        SignedHead calldata head2,
        bytes32 provenRootHash1,
        bytes32[] calldata path
    ) external;

    /// @notice Verifies that a leaf is in the tree of the log's present head; reverts when that is not proven.
    /// @dev Errors are those of the library RFC9162, and {EvidenceLogUnknownLog}. Closed logs can be asked too.
    /// @param logId The log.
    /// @param leafHash Hash of the leaf.
    /// @param leafIndex 0-based index of the leaf.
    /// @param path RFC 9162 inclusion path for the head's size.
    function verifyInclusion(bytes32 logId, bytes32 leafHash, uint64 leafIndex, bytes32[] calldata path) external view;

    /// @notice The log's newest anchored head; size 0 and the empty tree's root before the first anchor.
    /// @dev Reverts with {EvidenceLogUnknownLog}.
    /// @param logId The log.
    /// @return treeSize Number of entries.
    /// @return rootHash Root of the tree.
    /// @return closed Whether the head is final for ever.
    /// @return equivocated Whether two contradicting heads by the log's key were shown.
    function head(
        bytes32 logId
    ) external view returns (uint64 treeSize, bytes32 rootHash, bool closed, bool equivocated);

    /// @notice Where a log stands in its life. An unknown log answers UNKNOWN and no key, it does not revert.
    /// @param logId The log.
    /// @return status Unknown, open or closed.
    /// @return anchorKey Address of the key that signs the log's heads.
    function logState(bytes32 logId) external view returns (LogStatus status, address anchorKey);

    /// @notice The council, which opens and closes logs and can do nothing else here. Fixed at deployment.
    /// @return The council's address.
    function council() external view returns (address);
}
