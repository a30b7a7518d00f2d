// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {RFC9162} from "../../contracts/libraries/RFC9162.sol";
import {LogFixture} from "./helpers/Fixtures.sol";
import {EqualLeavesTree, SeededTree} from "./helpers/Trees.sol";

abstract contract AnchorFixture is LogFixture, SeededTree {
    function assertHead(uint64 treeSize, bytes32 rootHash) internal view {
        (uint64 size, bytes32 root, , ) = evidenceLog.head(logId);
        vm.assertEq(size, treeSize);
        vm.assertEq(root, rootHash);
    }

    function assertEquivocated(bool expected) internal view {
        (, , , bool equivocated) = evidenceLog.head(logId);
        vm.assertTrue(equivocated == expected);
    }

    function assertOutcome(IEvidenceLog.Outcome got, IEvidenceLog.Outcome expected) internal pure {
        vm.assertEq(uint256(got), uint256(expected));
    }

    /// @notice Anchors the first head of the seeded tree.
    function anchorFirst(uint64 treeSize) internal {
        assertOutcome(anchor(0, treeSize, rootOf(treeSize), noPath()), IEvidenceLog.Outcome.ANCHORED);
    }

    function invalidSignature(uint64 size, bytes32 root, address recovered) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IEvidenceLog.EvidenceLogInvalidSignature.selector, logId, size, root, recovered);
    }
}

contract EvidenceLogAnchorOutcomesTest is AnchorFixture {
    function test_outcomes_haveTheirFrozenNumbers() public pure {
        vm.assertEq(uint256(IEvidenceLog.Outcome.ANCHORED), 0);
        vm.assertEq(uint256(IEvidenceLog.Outcome.REPEATED), 1);
        vm.assertEq(uint256(IEvidenceLog.Outcome.STALE), 2);
        vm.assertEq(uint256(IEvidenceLog.Outcome.FORKED), 3);
    }

    function test_firstHead_isAnchoredWithoutAPath() public {
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.HeadAnchored(logId, 5, root);
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(logId, 0, 5, root, noPath(), signature);
        assertOutcome(outcome, IEvidenceLog.Outcome.ANCHORED);
        assertHead(5, root);
        assertEquivocated(false);
    }

    function test_fuzz_laterHead_isAnchoredByAnyone(uint64 oldSize, uint64 newSize, address sender) public {
        oldSize = 1 + (oldSize % 40);
        newSize = oldSize + 1 + (newSize % 40);
        anchorFirst(oldSize);
        bytes32 root = rootOf(newSize);
        bytes32[] memory path = consistencyPathOf(oldSize, newSize);
        bytes memory signature = signHead(newSize, root);
        vm.prank(sender);
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(logId, oldSize, newSize, root, path, signature);
        assertOutcome(outcome, IEvidenceLog.Outcome.ANCHORED);
        assertHead(newSize, root);
    }

    function test_fuzz_sameHeadAgain_isRepeatedWhateverTheRest(uint64 oldSize, bytes32[] calldata path) public {
        anchorFirst(5);
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.AnchorRepeated(logId, 5, root);
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(logId, oldSize, 5, root, path, signature);
        assertOutcome(outcome, IEvidenceLog.Outcome.REPEATED);
        assertHead(5, root);
    }

    function test_emptyTreeBeforeTheFirstAnchor_isRepeated() public {
        assertOutcome(anchor(0, 0, sha256(""), noPath()), IEvidenceLog.Outcome.REPEATED);
    }

    function test_fuzz_sameSizeOtherRoot_isForkedAndMarksForEver(uint64 oldSize, bytes32 otherRoot) public {
        anchorFirst(5);
        bytes32 root = rootOf(5);
        vm.assume(otherRoot != root);
        bytes memory signature = signHead(5, otherRoot);
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.HeadForked(logId, 5, root, otherRoot);
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(logId, oldSize, 5, otherRoot, noPath(), signature);
        assertOutcome(outcome, IEvidenceLog.Outcome.FORKED);
        assertHead(5, root);
        assertEquivocated(true);
        assertOutcome(anchor(5, 9, rootOf(9), consistencyPathOf(5, 9)), IEvidenceLog.Outcome.ANCHORED);
        assertHead(9, rootOf(9));
        assertEquivocated(true);
    }

    function test_equivocatedLog_answersAsBefore() public {
        anchorFirst(5);
        assertOutcome(anchor(5, 5, keccak256("other"), noPath()), IEvidenceLog.Outcome.FORKED);
        assertOutcome(anchor(5, 5, rootOf(5), noPath()), IEvidenceLog.Outcome.REPEATED);
        assertOutcome(anchor(5, 5, keccak256("third"), noPath()), IEvidenceLog.Outcome.FORKED);
        assertOutcome(anchor(5, 4, rootOf(4), noPath()), IEvidenceLog.Outcome.STALE);
        assertHead(5, rootOf(5));
    }

    function test_otherRootOfTheEmptyTree_isForked() public {
        assertOutcome(anchor(0, 0, keccak256("no empty root"), noPath()), IEvidenceLog.Outcome.FORKED);
        assertHead(0, sha256(""));
        assertEquivocated(true);
    }

    function test_fuzz_smallerSize_isStale(uint64 oldSize, uint64 newSize, bytes32 root) public {
        anchorFirst(5);
        newSize %= 5;
        bytes memory signature = signHead(newSize, root);
        vm.expectEmit(address(evidenceLog));
        emit IEvidenceLog.AnchorStale(logId, 5, oldSize, newSize, root);
        IEvidenceLog.Outcome outcome = evidenceLog.anchor(logId, oldSize, newSize, root, noPath(), signature);
        assertOutcome(outcome, IEvidenceLog.Outcome.STALE);
        assertHead(5, rootOf(5));
        assertEquivocated(false);
    }

    function test_fuzz_otherOldSize_isStale(uint64 oldSize, uint64 newSize) public {
        anchorFirst(5);
        vm.assume(oldSize != 5);
        newSize = newSize < 6 ? 6 : newSize;
        bytes32 root = keccak256("not looked at");
        assertOutcome(anchor(oldSize, newSize, root, noPath()), IEvidenceLog.Outcome.STALE);
        assertHead(5, rootOf(5));
    }

    function test_lostRace_isStaleAndTheNextTryGoesOn() public {
        anchorFirst(5);
        bytes32[] memory path = consistencyPathOf(5, 9);
        anchor(5, 7, rootOf(7), consistencyPathOf(5, 7));
        assertOutcome(anchor(5, 9, rootOf(9), path), IEvidenceLog.Outcome.STALE);
        assertOutcome(anchor(7, 9, rootOf(9), consistencyPathOf(7, 9)), IEvidenceLog.Outcome.ANCHORED);
    }
}

contract EvidenceLogAnchorRevertsTest is AnchorFixture {
    /// @dev What a signature of five leaves' head is answered that is of something else.
    function _invalidSignature(
        bytes32 ofLog,
        bytes32 root,
        bytes memory signature
    ) private view returns (bytes memory) {
        address by = recovered(headDigest(ofLog, 5, root), signature);
        return abi.encodeWithSelector(IEvidenceLog.EvidenceLogInvalidSignature.selector, ofLog, 5, root, by);
    }

    function test_fuzz_unknownLog_isRefused(bytes32 unknown) public {
        vm.assume(unknown != logId);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogUnknownLog.selector, unknown));
        evidenceLog.anchor(unknown, 0, 5, bytes32(0), noPath(), "");
    }

    function test_closedLog_isRefused() public {
        anchorFirst(5);
        closeLog(bytes32(0));
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogClosedLog.selector, logId));
        evidenceLog.anchor(logId, 0, 5, root, noPath(), signature);
    }

    function test_fuzz_otherKey_isRefused(uint256 key) public {
        key = 1 + (key % (type(uint128).max));
        bytes32 root = rootOf(5);
        bytes memory signature = signDigest(key, headDigest(logId, 5, root));
        vm.expectRevert(invalidSignature(5, root, vm.addr(key)));
        evidenceLog.anchor(logId, 0, 5, root, noPath(), signature);
    }

    /// @notice The signature is checked first: not even a repeat is answered without it.
    function test_repeatWithABadSignature_isRefused() public {
        anchorFirst(5);
        bytes32 root = rootOf(5);
        vm.expectRevert(invalidSignature(5, root, address(0)));
        evidenceLog.anchor(logId, 0, 5, root, noPath(), "");
    }

    function test_fuzz_signatureOfAnotherHead_isRefused(uint64 size, bytes32 root) public {
        vm.assume(size != 5 || root != rootOf(5));
        bytes memory signature = signHead(size, root);
        bytes32 right = rootOf(5);
        vm.expectRevert(_invalidSignature(logId, right, signature));
        evidenceLog.anchor(logId, 0, 5, right, noPath(), signature);
    }

    function test_signatureForAnotherLog_isRefused() public {
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        bytes32 other = openLog("other.cityledger.invalid/2026");
        vm.expectRevert(_invalidSignature(other, root, signature));
        evidenceLog.anchor(other, 0, 5, root, noPath(), signature);
    }

    function test_signatureFromBeforeAChainSplit_isRefused() public {
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(_invalidSignature(logId, root, signature));
        evidenceLog.anchor(logId, 0, 5, root, noPath(), signature);
        assertOutcome(anchor(0, 5, root, noPath()), IEvidenceLog.Outcome.ANCHORED);
    }

    function test_fuzz_secondSpellingOfASignature_isRefused(uint8 v) public {
        bytes32 root = rootOf(5);
        bytes32 digest = headDigest(logId, 5, root);
        (uint8 rightV, bytes32 r, bytes32 s) = vm.sign(ANCHOR_KEY, digest);
        vm.assume(v != 27 && v != 28);
        _requireRefused(root, abi.encodePacked(r, s, v));
        _requireRefused(root, abi.encodePacked(r, s));
        _requireRefused(root, abi.encodePacked(r, s, rightV, bytes1(0)));
        // the mirrored s verifies by the bare curve equation: only the low half is taken
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 highS = bytes32(order - uint256(s));
        uint8 otherV = rightV == 27 ? 28 : 27;
        vm.assertEq(ecrecover(digest, otherV, r, highS), vm.addr(ANCHOR_KEY));
        _requireRefused(root, abi.encodePacked(r, highS, otherV));
    }

    function test_firstHeadWithAPath_isRefused() public {
        bytes32 root = rootOf(5);
        bytes memory signature = signHead(5, root);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogPathNotEmpty.selector, logId, 3));
        evidenceLog.anchor(logId, 0, 5, root, new bytes32[](3), signature);
    }

    function test_fuzz_pathOfAnotherTree_isRefused(uint64 oldSize, uint64 newSize, uint64 fork) public {
        oldSize = 1 + (oldSize % 40);
        newSize = oldSize + 1 + (newSize % 40);
        anchorFirst(oldSize);
        bytes32 headRoot = rootOf(oldSize);
        seed = 2;
        forkAt = fork % oldSize;
        bytes32[] memory path = consistencyPathOf(oldSize, newSize);
        bytes32 root = rootOf(newSize);
        (bool success, bytes memory answer) = address(evidenceLog).call(
            abi.encodeCall(IEvidenceLog.anchor, (logId, oldSize, newSize, root, path, signHead(newSize, root)))
        );
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(RFC9162.RFC9162RootMismatch.selector));
        assertHead(oldSize, headRoot);
    }

    function test_missingPath_isRefused() public {
        anchorFirst(5);
        bytes32 root = rootOf(9);
        bytes memory signature = signHead(9, root);
        vm.expectRevert(abi.encodeWithSelector(RFC9162.RFC9162InvalidPathLength.selector, 0));
        evidenceLog.anchor(logId, 5, 9, root, noPath(), signature);
    }

    function _requireRefused(bytes32 root, bytes memory signature) private {
        vm.expectRevert(invalidSignature(5, root, address(0)));
        evidenceLog.anchor(logId, 0, 5, root, noPath(), signature);
    }
}

contract EvidenceLogAnchorGrowthTest is LogFixture, EqualLeavesTree {
    function test_growthOfTwoToThe32_isAnchored() public {
        anchor(0, 3, rootOf(3), noPath());
        uint64 newSize = 3 + 2 ** 32;
        anchor(3, newSize, rootOf(newSize), consistencyPathOf(3, newSize));
        (uint64 size, , , ) = evidenceLog.head(logId);
        vm.assertEq(size, newSize);
    }

    function test_growthByOneMore_isRefused() public {
        anchor(0, 3, rootOf(3), noPath());
        uint64 newSize = 4 + 2 ** 32;
        bytes32 root = rootOf(newSize);
        bytes32[] memory path = consistencyPathOf(3, newSize);
        bytes memory signature = signHead(newSize, root);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogGrowthTooLarge.selector, logId, 3, newSize));
        evidenceLog.anchor(logId, 3, newSize, root, path, signature);
    }

    function test_firstHeadAboveTwoToThe32_isRefused() public {
        uint64 newSize = 1 + 2 ** 32;
        bytes memory signature = signHead(newSize, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IEvidenceLog.EvidenceLogGrowthTooLarge.selector, logId, 0, newSize));
        evidenceLog.anchor(logId, 0, newSize, bytes32(0), noPath(), signature);
    }
}
