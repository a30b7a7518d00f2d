// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ICouncil} from "../../contracts/interfaces/ICouncil.sol";
import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {RFC9162} from "../../contracts/libraries/RFC9162.sol";
import {LogFixture} from "./helpers/Fixtures.sol";
import {SeededTree} from "./helpers/Trees.sol";
import {deployed} from "./helpers/Deployed.sol";

contract EvidenceLogConstructorTest is LogFixture {
    function test_councilWithoutCode_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogCouncilWithoutCode.selector, address(0xC0FFEE)));
        deployed("EvidenceLog", abi.encode(address(0xC0FFEE)));
    }

    function test_council_isWhatWasGiven() public view {
        vm.assertEq(evidenceLog.council(), address(council));
        vm.assertEq(evidenceLog.MAX_GROWTH(), 4_294_967_296);
    }
}

contract EvidenceLogOpenLogTest is LogFixture {
    function test_openedLog_hasTheEmptyHeadAndItsKey() public view {
        (uint64 treeSize, bytes32 rootHash, bool closed, bool equivocated) = evidenceLog.head(logId);
        vm.assertEq(treeSize, 0);
        vm.assertEq(rootHash, sha256(""));
        vm.assertFalse(closed);
        vm.assertFalse(equivocated);
        (IEvidenceLog.LogStatus status, address anchorKey) = evidenceLog.logState(logId);
        vm.assertEq(uint256(status), uint256(IEvidenceLog.LogStatus.OPEN));
        vm.assertEq(anchorKey, vm.addr(ANCHOR_KEY));
    }

    function test_fuzz_logId_isTheHashOfEverythingThatNamesTheLog(
        string calldata origin,
        bytes32 checkpointKey,
        address anchorKey
    ) public {
        vm.assume(anchorKey != address(0));
        bytes32 expected = keccak256(
            abi.encode(
                keccak256(
                    "CityLedgerLog(uint256 chainId,address evidenceLog,string origin,"
                    "bytes32 checkpointKey,address anchorKey)"
                ),
                block.chainid,
                address(evidenceLog),
                keccak256(bytes(origin)),
                checkpointKey,
                anchorKey
            )
        );
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.LogOpened(expected, origin, checkpointKey, anchorKey);
        vm.prank(address(council));
        vm.assertEq(evidenceLog.openLog(origin, checkpointKey, anchorKey), expected);
    }

    function test_fuzz_anyoneElse_isRefused(address caller) public {
        vm.assume(caller != address(council));
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogUnauthorizedCaller.selector, caller));
        vm.prank(caller);
        evidenceLog.openLog("x", bytes32(0), address(1));
    }

    function test_zeroAnchorKey_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogZeroAnchorKey.selector));
        vm.prank(address(council));
        evidenceLog.openLog("x", bytes32(0), address(0));
    }

    function test_openingTwice_isRefusedAndTellsTheCouncil() public {
        bytes memory call_ = abi.encodeCall(IEvidenceLog.openLog, (ORIGIN, CHECKPOINT_KEY, vm.addr(ANCHOR_KEY)));
        bytes memory reason = abi.encodeWithSelector(IEvidenceLog.EvidenceLogAlreadyOpened.selector, logId);
        bytes[] memory signatures = actSignatures(2, address(evidenceLog), call_);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilActFailed.selector, address(evidenceLog), reason));
        council.execute(address(evidenceLog), call_, DEADLINE, signatures);
    }

    function test_openingAClosedLogAgain_isRefused() public {
        closeLog(bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogAlreadyOpened.selector, logId));
        vm.prank(address(council));
        evidenceLog.openLog(ORIGIN, CHECKPOINT_KEY, vm.addr(ANCHOR_KEY));
    }
}

contract EvidenceLogCloseLogTest is LogFixture {
    function test_closedLog_keepsItsHeadAndNamesItsSuccessor() public {
        bytes32 successor = openLog("successor.cityledger.invalid/2027");
        anchor(0, 7, keccak256("root"), noPath());
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.LogClosed(logId, 7, keccak256("root"), successor);
        vm.prank(address(council));
        evidenceLog.closeLog(logId, successor);
        (uint64 treeSize, bytes32 rootHash, bool closed, ) = evidenceLog.head(logId);
        vm.assertEq(treeSize, 7);
        vm.assertEq(rootHash, keccak256("root"));
        vm.assertTrue(closed);
    }

    function test_fuzz_anyoneElse_isRefused(address caller) public {
        vm.assume(caller != address(council));
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogUnauthorizedCaller.selector, caller));
        vm.prank(caller);
        evidenceLog.closeLog(logId, bytes32(0));
    }

    function test_closingTwice_isRefused() public {
        closeLog(bytes32(0));
        _requireRefused(IEvidenceLog.EvidenceLogClosedLog.selector, logId, bytes32(0), logId);
    }

    function test_unknownLog_isRefused() public {
        _requireRefused(IEvidenceLog.EvidenceLogUnknownLog.selector, bytes32("none"), bytes32(0), bytes32("none"));
    }

    function test_unknownSuccessor_isRefused() public {
        _requireRefused(IEvidenceLog.EvidenceLogUnknownLog.selector, logId, bytes32("none"), bytes32("none"));
    }

    function test_closedSuccessor_isRefused() public {
        bytes32 other = openLog("other.cityledger.invalid/2027");
        vm.prank(address(council));
        evidenceLog.closeLog(other, bytes32(0));
        _requireRefused(IEvidenceLog.EvidenceLogClosedLog.selector, logId, other, other);
    }

    function test_successionToItself_isRefused() public {
        _requireRefused(IEvidenceLog.EvidenceLogSelfSuccession.selector, logId, logId, logId);
    }

    function _requireRefused(bytes4 errorSelector, bytes32 closing, bytes32 successor, bytes32 named) private {
        vm.expectRevert(abi.encodeWithSelector(errorSelector, named));
        vm.prank(address(council));
        evidenceLog.closeLog(closing, successor);
    }
}

contract EvidenceLogReportForkTest is LogFixture, SeededTree {
    bytes32 private constant _OTHER_ROOT = keccak256("other root");

    function test_twoRootsOfOneSize_markTheLog() public {
        bytes32 root = rootOf(5);
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.ForkReported(logId, 5, root, _OTHER_ROOT, 5, _OTHER_ROOT);
        evidenceLog.reportFork(logId, signedHead(5, root), signedHead(5, _OTHER_ROOT), _OTHER_ROOT, noPath());
        _requireEquivocated(true);
    }

    function test_twoRootsOfTheEmptyTree_markTheLog() public {
        bytes32 root = sha256("");
        evidenceLog.reportFork(logId, signedHead(0, root), signedHead(0, _OTHER_ROOT), _OTHER_ROOT, noPath());
        _requireEquivocated(true);
    }

    function test_fuzz_largerHeadOverAnotherHistory_marksTheLog(uint64 size1, uint64 size2, uint64 fork) public {
        size1 = 1 + (size1 % 40);
        size2 = size1 + 1 + (size2 % 40);
        bytes32 root1 = rootOf(size1);
        seed = 2;
        forkAt = fork % size1;
        bytes32 root2 = rootOf(size2);
        bytes32[] memory path = consistencyPathOf(size1, size2);
        bytes32 proven = rootOf(size1);
        evidenceLog.reportFork(logId, signedHead(size1, root1), signedHead(size2, root2), proven, path);
        _requireEquivocated(true);
    }

    function test_reportedTwice_isReportedTwice() public {
        test_twoRootsOfOneSize_markTheLog();
        test_twoRootsOfOneSize_markTheLog();
    }

    function test_closedLog_canBeReported() public {
        closeLog(bytes32(0));
        test_twoRootsOfOneSize_markTheLog();
    }

    function test_equivocatedLog_stillAnchors() public {
        test_twoRootsOfOneSize_markTheLog();
        anchor(0, 5, rootOf(5), noPath());
        anchor(5, 9, rootOf(9), consistencyPathOf(5, 9));
        (uint64 treeSize, , , bool equivocated) = evidenceLog.head(logId);
        vm.assertEq(treeSize, 9);
        vm.assertTrue(equivocated);
    }

    function test_fuzz_honestHeads_areNoFork(uint64 size1, uint64 size2) public {
        size1 = 1 + (size1 % 40);
        size2 = size1 + 1 + (size2 % 40);
        bytes32 root1 = rootOf(size1);
        _requireRefused(
            signedHead(size1, root1),
            signedHead(size2, rootOf(size2)),
            root1,
            consistencyPathOf(size1, size2),
            abi.encodeWithSelector(IEvidenceLog.EvidenceLogNotForked.selector, logId, size1, root1)
        );
    }

    function test_fuzz_inventedRoot_isRefused(uint64 size1, uint64 size2, bytes32 invented) public {
        size1 = 1 + (size1 % 40);
        size2 = size1 + 1 + (size2 % 40);
        vm.assume(invented != rootOf(size1));
        (bool success, bytes memory answer) = address(evidenceLog).call(
            abi.encodeCall(
                IEvidenceLog.reportFork,
                (
                    logId,
                    signedHead(size1, rootOf(size1)),
                    signedHead(size2, rootOf(size2)),
                    invented,
                    consistencyPathOf(size1, size2)
                )
            )
        );
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(RFC9162.RFC9162RootMismatch.selector));
        _requireEquivocated(false);
    }

    function test_sameSizeWithAnotherProvenRoot_isRefused() public {
        bytes memory reason = abi.encodeWithSelector(RFC9162.RFC9162RootMismatch.selector, rootOf(5), _OTHER_ROOT);
        _requireRefused(signedHead(5, rootOf(5)), signedHead(5, rootOf(5)), _OTHER_ROOT, noPath(), reason);
        reason = abi.encodeWithSelector(RFC9162.RFC9162RootMismatch.selector, sha256(""), _OTHER_ROOT);
        _requireRefused(signedHead(0, sha256("")), signedHead(0, sha256("")), _OTHER_ROOT, noPath(), reason);
    }

    function test_emptyTreesWithAPath_areRefused() public {
        bytes memory reason = abi.encodeWithSelector(IEvidenceLog.EvidenceLogPathNotEmpty.selector, logId, 1);
        bytes32[] memory path = new bytes32[](1);
        _requireRefused(signedHead(0, sha256("")), signedHead(0, _OTHER_ROOT), _OTHER_ROOT, path, reason);
    }

    function test_sizesInTheWrongOrder_areRefused() public {
        bytes memory reason = abi.encodeWithSelector(RFC9162.RFC9162InvalidSizes.selector, 9, 5);
        _requireRefused(signedHead(9, rootOf(9)), signedHead(5, rootOf(5)), _OTHER_ROOT, noPath(), reason);
        reason = abi.encodeWithSelector(RFC9162.RFC9162InvalidSizes.selector, 0, 5);
        _requireRefused(signedHead(0, _OTHER_ROOT), signedHead(5, rootOf(5)), sha256(""), noPath(), reason);
    }

    function test_headNotSignedByTheLog_isRefused() public {
        IEvidenceLog.SignedHead memory right = signedHead(5, rootOf(5));
        IEvidenceLog.SignedHead memory forged = IEvidenceLog.SignedHead(5, _OTHER_ROOT, right.signature);
        forged.signature = signDigest(1, headDigest(logId, 5, _OTHER_ROOT));
        bytes memory reason = abi.encodeWithSelector(
            IEvidenceLog.EvidenceLogInvalidSignature.selector,
            logId,
            5,
            _OTHER_ROOT,
            vm.addr(1)
        );
        _requireRefused(right, forged, _OTHER_ROOT, noPath(), reason);
        _requireRefused(forged, right, rootOf(5), noPath(), reason);
    }

    /// @notice Two heads of a log on a chain that split off say nothing here.
    function test_headsOfAnotherChain_areRefused() public {
        uint256 chainId = block.chainid;
        vm.chainId(chainId + 1);
        IEvidenceLog.SignedHead memory there = signedHead(5, _OTHER_ROOT);
        vm.chainId(chainId);
        address by = recovered(headDigest(logId, 5, _OTHER_ROOT), there.signature);
        bytes4 invalid = IEvidenceLog.EvidenceLogInvalidSignature.selector;
        bytes memory reason = abi.encodeWithSelector(invalid, logId, 5, _OTHER_ROOT, by);
        _requireRefused(signedHead(5, rootOf(5)), there, _OTHER_ROOT, noPath(), reason);
        _requireRefused(there, signedHead(5, rootOf(5)), rootOf(5), noPath(), reason);
    }

    function test_unknownLog_isRefused() public {
        logId = bytes32("none");
        bytes memory reason = abi.encodeWithSelector(IEvidenceLog.EvidenceLogUnknownLog.selector, logId);
        _requireRefused(signedHead(5, rootOf(5)), signedHead(5, _OTHER_ROOT), _OTHER_ROOT, noPath(), reason);
    }

    function _requireRefused(
        IEvidenceLog.SignedHead memory head1,
        IEvidenceLog.SignedHead memory head2,
        bytes32 proven,
        bytes32[] memory path,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        evidenceLog.reportFork(logId, head1, head2, proven, path);
    }

    function _requireEquivocated(bool expected) private view {
        (, , , bool equivocated) = evidenceLog.head(logId);
        vm.assertTrue(equivocated == expected);
    }
}

contract EvidenceLogViewsTest is LogFixture, SeededTree {
    function test_fuzz_everyLeafOfTheHead_isProven(uint64 leafIndex, uint64 treeSize) public {
        treeSize = 1 + (treeSize % 40);
        leafIndex %= treeSize;
        anchor(0, treeSize, rootOf(treeSize), noPath());
        evidenceLog.verifyInclusion(logId, leafHashOf(leafIndex), leafIndex, inclusionPathOf(leafIndex, treeSize));
    }

    function test_leafOfAClosedLog_isProven() public {
        anchor(0, 5, rootOf(5), noPath());
        closeLog(bytes32(0));
        evidenceLog.verifyInclusion(logId, leafHashOf(3), 3, inclusionPathOf(3, 5));
    }

    function test_leafAtAnotherIndex_isRefused() public {
        anchor(0, 4, rootOf(4), noPath());
        bytes32[] memory path = inclusionPathOf(3, 4);
        bytes32 got = Trees2.leftward(leafHashOf(3), path);
        vm.expectRevert(abi.encodeWithSelector(RFC9162.RFC9162RootMismatch.selector, rootOf(4), got));
        evidenceLog.verifyInclusion(logId, leafHashOf(3), 0, path);
    }

    function test_beforeTheFirstAnchor_nothingIsIncluded() public {
        vm.expectRevert(abi.encodeWithSelector(RFC9162.RFC9162InvalidIndex.selector, 0, 0));
        evidenceLog.verifyInclusion(logId, bytes32(0), 0, noPath());
    }

    function test_unknownLog_isRefusedOrAnsweredUnknown() public {
        bytes memory reason = abi.encodeWithSelector(IEvidenceLog.EvidenceLogUnknownLog.selector, bytes32("none"));
        vm.expectRevert(reason);
        evidenceLog.verifyInclusion(bytes32("none"), bytes32(0), 0, noPath());
        vm.expectRevert(reason);
        evidenceLog.head(bytes32("none"));
        (IEvidenceLog.LogStatus status, address anchorKey) = evidenceLog.logState(bytes32("none"));
        vm.assertEq(uint256(status), uint256(IEvidenceLog.LogStatus.UNKNOWN));
        vm.assertEq(anchorKey, address(0));
    }
}

/// @notice What the path of the last leaf gives for index 0: the leaf as left child all the way up.
library Trees2 {
    function leftward(bytes32 hash, bytes32[] memory path) internal pure returns (bytes32) {
        for (uint256 i = 0; i < path.length; ++i) {
            hash = sha256(abi.encodePacked(hex"01", hash, path[i]));
        }
        return hash;
    }
}
