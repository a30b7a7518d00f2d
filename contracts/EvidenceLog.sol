// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IEvidenceLog} from "./interfaces/IEvidenceLog.sol";
import {CheckpointTypedData} from "./libraries/CheckpointTypedData.sol";
import {RFC9162} from "./libraries/RFC9162.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title Evidence log
/// @notice See {IEvidenceLog}. Knows no owner, no pause and no upgrade: the council may open and close logs, the rest
/// is decided by signatures and Merkle paths.
contract EvidenceLog is IEvidenceLog {
    /// @dev Two storage slots. Slot 0: root hash. Slot 1, from the low end: anchor key (160 bits), tree size (64),
    /// status (8), equivocated (8). An anchor reads and writes both.
    struct Log {
        bytes32 rootHash;
        address anchorKey;
        uint64 treeSize;
        LogStatus status;
        bool isEquivocated;
    }

    /// @notice Most entries that one anchor may add.
    uint64 public constant MAX_GROWTH = 2 ** 32;

    address private immutable _COUNCIL;

    mapping(bytes32 logId => Log log) private _logs;

    modifier onlyCouncil() {
        if (msg.sender != _COUNCIL) {
            revert EvidenceLogUnauthorizedCaller(msg.sender);
        }
        _;
    }

    /// @notice Deploys the contract under a council that can never be exchanged.
    /// @param council_ The council; must have code already.
    constructor(address council_) {
        if (council_.code.length == 0) {
            revert EvidenceLogCouncilWithoutCode(council_);
        }
        _COUNCIL = council_;
    }

    /// @inheritdoc IEvidenceLog
    function openLog(
        string calldata origin,
        bytes32 checkpointKey,
        address anchorKey
    ) external onlyCouncil returns (bytes32 logId) {
        if (anchorKey == address(0)) {
            revert EvidenceLogZeroAnchorKey();
        }
        logId = CheckpointTypedData.hashLogId(block.chainid, address(this), origin, checkpointKey, anchorKey);
        Log storage log = _logs[logId];
        if (log.status != LogStatus.UNKNOWN) {
            revert EvidenceLogAlreadyOpened(logId);
        }
        log.rootHash = RFC9162.EMPTY_ROOT;
        log.anchorKey = anchorKey;
        log.status = LogStatus.OPEN;
        emit LogOpened(logId, origin, checkpointKey, anchorKey);
    }

    /// @inheritdoc IEvidenceLog
    function closeLog(bytes32 logId, bytes32 successor) external onlyCouncil {
        Log storage log = _openLog(logId);
        if (successor == logId) {
            revert EvidenceLogSelfSuccession(logId);
        }
        if (successor != bytes32(0)) {
            _openLog(successor);
        }
        log.status = LogStatus.CLOSED;
        emit LogClosed(logId, log.treeSize, log.rootHash, successor);
    }

    /// @inheritdoc IEvidenceLog
    function anchor(
        bytes32 logId,
        uint64 oldSize,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata path,
        bytes calldata signature
    ) external returns (Outcome outcome) {
        Log storage log = _openLog(logId);
        _requireLogSignature(logId, log.anchorKey, newSize, newRoot, signature);
        uint64 treeSize = log.treeSize;
        bytes32 rootHash = log.rootHash;
        if (newSize == treeSize) {
            if (newRoot == rootHash) {
                emit AnchorRepeated(logId, treeSize, rootHash);
                return Outcome.REPEATED;
            }
            log.isEquivocated = true;
            emit HeadForked(logId, treeSize, rootHash, newRoot);
            return Outcome.FORKED;
        }
        if (newSize < treeSize || oldSize != treeSize) {
            emit AnchorStale(logId, treeSize, oldSize, newSize, newRoot);
            return Outcome.STALE;
        }
        _requireGrowth(logId, treeSize, rootHash, newSize, newRoot, path);
        log.treeSize = newSize;
        log.rootHash = newRoot;
        emit HeadAnchored(logId, newSize, newRoot);
        return Outcome.ANCHORED;
    }

    /// @inheritdoc IEvidenceLog
    function reportFork(
        bytes32 logId,
        SignedHead calldata head1,
        SignedHead calldata head2,
        bytes32 provenRootHash1,
        bytes32[] calldata path
    ) external {
        Log storage log = _knownLog(logId);
        address anchorKey = log.anchorKey;
        _requireLogSignature(logId, anchorKey, head1.treeSize, head1.rootHash, head1.signature);
        _requireLogSignature(logId, anchorKey, head2.treeSize, head2.rootHash, head2.signature);
        if (provenRootHash1 == head1.rootHash) {
            revert EvidenceLogNotForked(logId, head1.treeSize, head1.rootHash);
        }
        if (head1.treeSize == 0 && head2.treeSize == 0) {
            // Size 0 has no consistency path, but it has one true root: two signed roots of it are a fork all the same.
            _requireEmptyPath(logId, path);
            if (provenRootHash1 != head2.rootHash) {
                revert RFC9162.RFC9162RootMismatch(head2.rootHash, provenRootHash1);
            }
        } else {
            RFC9162.verifyConsistency(head1.treeSize, head2.treeSize, path, provenRootHash1, head2.rootHash);
        }
        log.isEquivocated = true;
        emit ForkReported(logId, head1.treeSize, head1.rootHash, provenRootHash1, head2.treeSize, head2.rootHash);
    }

    /// @inheritdoc IEvidenceLog
    function verifyInclusion(bytes32 logId, bytes32 leafHash, uint64 leafIndex, bytes32[] calldata path) external view {
        Log storage log = _knownLog(logId);
        RFC9162.verifyInclusion(leafHash, leafIndex, log.treeSize, path, log.rootHash);
    }

    /// @inheritdoc IEvidenceLog
    function head(
        bytes32 logId
    ) external view returns (uint64 treeSize, bytes32 rootHash, bool closed, bool equivocated) {
        Log storage log = _knownLog(logId);
        return (log.treeSize, log.rootHash, log.status == LogStatus.CLOSED, log.isEquivocated);
    }

    /// @inheritdoc IEvidenceLog
    function logState(bytes32 logId) external view returns (LogStatus status, address anchorKey) {
        Log storage log = _logs[logId];
        return (log.status, log.anchorKey);
    }

    /// @inheritdoc IEvidenceLog
    function council() external view returns (address) {
        return _COUNCIL;
    }

    /// @dev Reverts unless the new head continues the present one.
    function _requireGrowth(
        bytes32 logId,
        uint64 treeSize,
        bytes32 rootHash,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata path
    ) private view {
        if (newSize - treeSize > MAX_GROWTH) {
            revert EvidenceLogGrowthTooLarge(logId, treeSize, newSize);
        }
        if (treeSize == 0) {
            // Every tree continues the empty one: there is nothing to prove and no path to prove it with.
            _requireEmptyPath(logId, path);
        } else {
            RFC9162.verifyConsistency(treeSize, newSize, path, rootHash, newRoot);
        }
    }

    /// @dev The domain is computed for the present chain id every time: some 200 gas, and a chain that splits off
    /// cannot replay signatures of the other.
    function _requireLogSignature(
        bytes32 logId,
        address anchorKey,
        uint64 treeSize,
        bytes32 rootHash,
        bytes calldata signature
    ) private view {
        bytes32 separator = CheckpointTypedData.domainSeparator(block.chainid, address(this));
        bytes32 digest = CheckpointTypedData.signingDigest(separator, logId, treeSize, rootHash);
        address recovered = Signatures.recoverSigner(digest, signature);
        if (recovered != anchorKey) {
            revert EvidenceLogInvalidSignature(logId, treeSize, rootHash, recovered);
        }
    }

    /// @dev The log, which must be open.
    function _openLog(bytes32 logId) private view returns (Log storage log) {
        log = _knownLog(logId);
        if (log.status == LogStatus.CLOSED) {
            revert EvidenceLogClosedLog(logId);
        }
    }

    /// @dev The log, open or closed. Its anchor key is never zero.
    function _knownLog(bytes32 logId) private view returns (Log storage log) {
        log = _logs[logId];
        if (log.status == LogStatus.UNKNOWN) {
            revert EvidenceLogUnknownLog(logId);
        }
    }

    function _requireEmptyPath(bytes32 logId, bytes32[] calldata path) private pure {
        if (path.length != 0) {
            revert EvidenceLogPathNotEmpty(logId, path.length);
        }
    }
}
