// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ICouncil} from "../../contracts/interfaces/ICouncil.sol";
import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {RFC9162} from "../../contracts/libraries/RFC9162.sol";
import {Signatures} from "../../contracts/libraries/Signatures.sol";
import {LogFixture} from "./helpers/Fixtures.sol";
import {Trees} from "./helpers/Trees.sol";
import {Test} from "./helpers/Vm.sol";

/// @notice Everybody who can call the contract, honest and not, with and without the log's key; keeps the list of all
/// heads that were ever anchored, and the real leaves behind them.
contract EveryRole is LogFixture {
    struct Head {
        uint64 treeSize;
        bytes32 rootHash;
    }

    /// @notice All anchored heads, in order.
    Head[] public heads;
    bool public isClosed;
    bool public isEquivocated;
    mapping(string action => uint256 count) public done;

    bytes32[] private _leafHashes;
    /// @dev Overrides leaves from this index on: the second history that a cheating log would tell.
    uint256 private _forkAt = type(uint256).max;
    uint256 private _seed;

    constructor() {
        super.setUp();
        _grow(3, 0);
        _record(anchor(0, 3, _root(3), noPath()), 3, _root(3));
    }

    error AlreadySetUp();

    /// @dev The constructor did it; a second time would begin another history.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    /// @notice Anyone relays the next honest head: this must work whenever the log is open.
    function relayNextHead(address sender, uint8 growth, uint256 seed) external {
        if (isClosed) {
            return;
        }
        (uint64 oldSize, uint64 newSize) = _grow(growth, seed);
        bytes memory signature = signHead(newSize, _root(newSize));
        bytes32[] memory path = Trees.consistencyPath(oldSize, newSize, _rootBetween);
        vm.prank(sender);
        _record(evidenceLog.anchor(logId, oldSize, newSize, _root(newSize), path, signature), newSize, _root(newSize));
        ++done["relayNextHead"];
    }

    /// @notice The key's holder tells another history of what is anchored, with that history's own path.
    function rewriteWithTheKey(uint256 forkAt, uint8 growth, uint256 seed) external {
        (uint64 oldSize, uint64 newSize) = _grow(growth, seed);
        uint256 honestLength = _leafHashes.length;
        _forkAt = forkAt % oldSize;
        _seed = seed;
        bytes32 root = _root(newSize);
        bytes32[] memory path = Trees.consistencyPath(oldSize, newSize, _rootBetween);
        bytes32 root1 = _root(oldSize);
        _forkAt = type(uint256).max;
        _try(oldSize, newSize, root, path);
        _try(oldSize, oldSize, root1, noPath());
        _try(0, newSize, root, noPath());
        vm.assertEq(honestLength, _leafHashes.length);
        ++done["rewriteWithTheKey"];
    }

    /// @notice The key's holder signs anything at all, with any path.
    function anythingWithTheKey(uint64 oldSize, uint64 newSize, bytes32 root, bytes32[] calldata path) external {
        _try(oldSize, newSize, root, path);
        _try(heads[heads.length - 1].treeSize, newSize, root, path);
        ++done["anythingWithTheKey"];
    }

    /// @notice An older head comes late, or a head comes twice.
    function repeatAHead(uint256 which, uint64 oldSize) external {
        Head memory old = heads[which % heads.length];
        _try(oldSize, old.treeSize, old.rootHash, noPath());
        ++done["repeatAHead"];
    }

    /// @notice The next honest head with its right path, but not signed by the log's key: must never pass.
    function extendWithoutTheKey(address sender, uint256 key, uint8 growth, bytes calldata garbage) external {
        key = 1 + (key % type(uint128).max);
        (uint64 oldSize, uint64 newSize) = _grow(growth, 7);
        bytes memory foreign = signDigest(key, headDigest(logId, newSize, _root(newSize)));
        _requireNotExtended(sender, oldSize, newSize, foreign);
        _requireNotExtended(sender, oldSize, newSize, garbage);
        ++done["extendWithoutTheKey"];
    }

    /// @notice Strangers try what only the council may do.
    function actAsTheCouncil(address sender, bytes[] calldata signatures) external {
        if (sender == address(council)) {
            return;
        }
        bytes memory closing = abi.encodeCall(IEvidenceLog.closeLog, (logId, bytes32(0)));
        bytes memory opening = abi.encodeCall(IEvidenceLog.openLog, ("x", bytes32(0), sender));
        address[] memory alone = new address[](1);
        alone[0] = sender;
        bytes memory taking = abi.encodeCall(ICouncil.changeMembership, (alone, 1));
        bytes memory notTheCouncil = abi.encodeWithSelector(
            IEvidenceLog.EvidenceLogUnauthorizedCaller.selector,
            sender
        );
        _requireRefused(sender, address(evidenceLog), closing, notTheCouncil);
        _requireRefused(sender, address(evidenceLog), opening, notTheCouncil);
        _requireRefused(
            sender,
            address(council),
            taking,
            abi.encodeWithSelector(ICouncil.CouncilUnauthorizedCaller.selector, sender)
        );
        bytes memory relayed = abi.encodeCall(ICouncil.execute, (address(evidenceLog), closing, DEADLINE, signatures));
        _requireRefused(sender, address(council), relayed, _refusalOfSignatures(closing, signatures));
        ++done["actAsTheCouncil"];
    }

    /// @notice The council opens other logs, changes its bodies, and now and then closes this log.
    function letTheCouncilAct(uint256 number) external {
        openLogOnce(number);
        address[] memory bodies = council.bodies();
        act(address(council), abi.encodeCall(ICouncil.changeMembership, (bodies, 2)));
        if (number % 32 == 0 && !isClosed) {
            closeLog(bytes32(0));
            isClosed = true;
            ++done["closeLog"];
        }
        ++done["letTheCouncilAct"];
    }

    /// @notice Anyone reports two signed heads of one size, or of two sizes.
    function reportAFork(address sender, uint256 forkAt, uint8 growth) external {
        if (growth % 4 != 0) {
            return; // most sequences stay honest for a while
        }
        (uint64 oldSize, uint64 newSize) = _grow(1 + growth, 7);
        bytes32 honest = _root(oldSize);
        _forkAt = forkAt % oldSize;
        _seed = 11;
        bytes32[] memory path = Trees.consistencyPath(oldSize, newSize, _rootBetween);
        (bytes32 proven, bytes32 root2) = (_root(oldSize), _root(newSize));
        _forkAt = type(uint256).max;
        IEvidenceLog.SignedHead memory head1 = signedHead(oldSize, honest);
        IEvidenceLog.SignedHead memory head2 = signedHead(newSize, root2);
        vm.prank(sender);
        evidenceLog.reportFork(logId, head1, head2, proven, path);
        isEquivocated = true;
        ++done["reportAFork"];
    }

    /// @notice Anyone reports honest heads: must never pass.
    function reportWithoutAFork(address sender, uint8 growth, bytes32 seed) external {
        bytes32 invented = keccak256(abi.encode(seed)); // what is drawn may be a true root that was seen before
        (uint64 oldSize, uint64 newSize) = _grow(growth, 7);
        bytes32[] memory path = Trees.consistencyPath(oldSize, newSize, _rootBetween);
        IEvidenceLog.SignedHead memory head1 = signedHead(oldSize, _root(oldSize));
        IEvidenceLog.SignedHead memory head2 = signedHead(newSize, _root(newSize));
        bytes memory report = abi.encodeCall(IEvidenceLog.reportFork, (logId, head1, head2, invented, path));
        vm.prank(sender);
        (bool success, bytes memory reason) = address(evidenceLog).call(report);
        vm.assertFalse(success);
        _requireMismatch(reason, oldSize, head1.rootHash, invented, head2.rootHash);
        report = abi.encodeCall(IEvidenceLog.reportFork, (logId, head1, head2, head1.rootHash, path));
        _requireRefused(
            sender,
            address(evidenceLog),
            report,
            abi.encodeWithSelector(IEvidenceLog.EvidenceLogNotForked.selector, logId, oldSize, head1.rootHash)
        );
        ++done["reportWithoutAFork"];
    }

    /// @notice Who signed, as the contracts read a signature.
    function signerOf(bytes32 digest, bytes calldata signature) external pure returns (address) {
        return Signatures.recoverSigner(digest, signature);
    }

    function headCount() external view returns (uint256) {
        return heads.length;
    }

    function rootOf(uint256 treeSize) external view returns (bytes32) {
        return _root(treeSize);
    }

    function currentHead() external view returns (uint64, bytes32, bool, bool) {
        return evidenceLog.head(logId);
    }

    function openLogOnce(uint256 number) private {
        bytes32 own = logId;
        string memory origin = string.concat("log ", vm.toString(done["letTheCouncilAct"]), "/", vm.toString(number));
        openLog(origin);
        logId = own;
    }

    /// @dev Next sizes; leaves beyond the head are made anew, so that every try may choose other ones.
    function _grow(uint8 growth, uint256 seed) private returns (uint64 oldSize, uint64 newSize) {
        oldSize = heads.length == 0 ? 0 : heads[heads.length - 1].treeSize;
        newSize = oldSize + 1 + (growth % 8);
        while (_leafHashes.length > oldSize) {
            _leafHashes.pop();
        }
        for (uint256 i = oldSize; i < newSize; ++i) {
            _leafHashes.push(keccak256(abi.encode(i, seed)));
        }
    }

    /// @dev Any head signed by the key. Whatever is accepted is recorded; the invariants compare it with the leaves.
    function _try(uint64 oldSize, uint64 newSize, bytes32 root, bytes32[] memory path) private {
        try evidenceLog.anchor(logId, oldSize, newSize, root, path, signHead(newSize, root)) returns (
            IEvidenceLog.Outcome outcome
        ) {
            _record(outcome, newSize, root);
        } catch (bytes memory reason) {
            _requireNamed(reason, newSize, root, path.length);
        }
    }

    /// @dev With the right key there are few reasons, and each is about what was sent.
    function _requireNamed(bytes memory reason, uint64 newSize, bytes32 root, uint256 pathLength) private view {
        (uint64 treeSize, bytes32 rootHash, , ) = evidenceLog.head(logId);
        bytes4 selector = bytes4(reason);
        if (isClosed) {
            vm.assertEq(reason, abi.encodeWithSelector(IEvidenceLog.EvidenceLogClosedLog.selector, logId));
        } else if (newSize - treeSize > evidenceLog.MAX_GROWTH()) {
            bytes4 tooLarge = IEvidenceLog.EvidenceLogGrowthTooLarge.selector;
            vm.assertEq(reason, abi.encodeWithSelector(tooLarge, logId, treeSize, newSize));
        } else if (selector == RFC9162.RFC9162InvalidPathLength.selector) {
            vm.assertEq(reason, abi.encodeWithSelector(selector, pathLength));
        } else {
            vm.assertEq(bytes32(selector), bytes32(RFC9162.RFC9162RootMismatch.selector));
            (bytes32 expected, bytes32 got) = _rootsIn(reason);
            vm.assertTrue(expected == rootHash || expected == root, "is about roots that nobody named");
            vm.assertTrue(got != expected, "names roots that are equal");
        }
    }

    /// @dev A path from a full tree does not hold that tree's root, so only the newer root shows that it is invented.
    function _requireMismatch(
        bytes memory reason,
        uint64 oldSize,
        bytes32 root1,
        bytes32 invented,
        bytes32 root2
    ) private pure {
        vm.assertEq(bytes32(bytes4(reason)), bytes32(RFC9162.RFC9162RootMismatch.selector));
        (bytes32 expected, bytes32 got) = _rootsIn(reason);
        bool isFull = oldSize & (oldSize - 1) == 0;
        vm.assertEq(expected, isFull ? root2 : invented);
        vm.assertTrue(isFull ? got != root2 : got == root1, "says another root than the path gives");
    }

    function _rootsIn(bytes memory reason) private pure returns (bytes32 expected, bytes32 got) {
        vm.assertEq(reason.length, 68);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            expected := mload(add(reason, 36))
            got := mload(add(reason, 68))
        }
    }

    function _record(IEvidenceLog.Outcome outcome, uint64 treeSize, bytes32 rootHash) private {
        if (outcome == IEvidenceLog.Outcome.ANCHORED) {
            heads.push(Head(treeSize, rootHash));
        } else if (outcome == IEvidenceLog.Outcome.FORKED) {
            isEquivocated = true;
        }
    }

    function _requireRefused(address sender, address target, bytes memory call_, bytes memory expected) private {
        vm.prank(sender);
        (bool success, bytes memory reason) = target.call(call_);
        vm.assertFalse(success);
        vm.assertEq(reason, expected);
    }

    /// @dev The honest next head, signed by somebody else than the log.
    function _requireNotExtended(address sender, uint64 oldSize, uint64 newSize, bytes memory signature) private {
        bytes32 root = _root(newSize);
        bytes32[] memory path = Trees.consistencyPath(oldSize, newSize, _rootBetween);
        bytes memory call_ = abi.encodeCall(IEvidenceLog.anchor, (logId, oldSize, newSize, root, path, signature));
        bytes4 invalid = IEvidenceLog.EvidenceLogInvalidSignature.selector;
        address signer = this.signerOf(headDigest(logId, newSize, root), signature);
        bytes memory expected =
            isClosed
                ? abi.encodeWithSelector(IEvidenceLog.EvidenceLogClosedLog.selector, logId)
                : abi.encodeWithSelector(invalid, logId, newSize, root, signer);
        _requireRefused(sender, address(evidenceLog), call_, expected);
    }

    /// @dev How the council refuses an act with signatures that none of its bodies made.
    function _refusalOfSignatures(bytes memory data, bytes[] calldata signatures) private view returns (bytes memory) {
        if (signatures.length < 2) {
            return abi.encodeWithSelector(ICouncil.CouncilTooFewSignatures.selector, signatures.length, 2);
        }
        bytes32 digest = actDigest(address(evidenceLog), data, council.nonce(), DEADLINE);
        address signer = this.signerOf(digest, signatures[0]);
        return
            signer == address(0)
                ? abi.encodeWithSelector(ICouncil.CouncilSignersNotAscending.selector, address(0), address(0))
                : abi.encodeWithSelector(ICouncil.CouncilUnknownSigner.selector, signer);
    }

    function _root(uint256 treeSize) private view returns (bytes32) {
        return _rootBetween(0, treeSize);
    }

    function _rootBetween(uint256 start, uint256 end) private view returns (bytes32) {
        if (end - start == 1) {
            return start >= _forkAt ? keccak256(abi.encode("fork", start, _seed)) : _leafHashes[start];
        }
        uint256 k = Trees.split(end - start);
        return Trees.node(_rootBetween(start, start + k), _rootBetween(start + k, end));
    }
}

/// @notice What holds after every sequence of calls by every role.
contract EvidenceLogInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    EveryRole private _roles;

    function setUp() public {
        _roles = new EveryRole();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_roles);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](9);
        selectors[0] = EveryRole.relayNextHead.selector;
        selectors[1] = EveryRole.rewriteWithTheKey.selector;
        selectors[2] = EveryRole.anythingWithTheKey.selector;
        selectors[3] = EveryRole.repeatAHead.selector;
        selectors[4] = EveryRole.extendWithoutTheKey.selector;
        selectors[5] = EveryRole.actAsTheCouncil.selector;
        selectors[6] = EveryRole.letTheCouncilAct.selector;
        selectors[7] = EveryRole.reportAFork.selector;
        selectors[8] = EveryRole.reportWithoutAFork.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_roles), selectors);
    }

    /// @notice A valid anchor is possible until the log is closed, whatever happened before.
    function invariant_validAnchorStaysPossible() public {
        uint256 count = _roles.headCount();
        _roles.relayNextHead(address(this), 2, 99);
        vm.assertEq(_roles.headCount(), _roles.isClosed() ? count : count + 1);
    }

    /// @notice The head is the last anchored one: only an anchor moves it, and only to what was anchored.
    function invariant_headIsTheLastAnchored() public view {
        (uint64 lastSize, bytes32 lastRoot) = _roles.heads(_roles.headCount() - 1);
        (uint64 treeSize, bytes32 rootHash, bool closed, bool equivocated) = _roles.currentHead();
        vm.assertEq(treeSize, lastSize);
        vm.assertEq(rootHash, lastRoot);
        vm.assertTrue(closed == _roles.isClosed());
        vm.assertTrue(equivocated == _roles.isEquivocated());
    }

    /// @notice Nothing is rewritten: every head ever anchored is the root of the first leaves of the present tree.
    function invariant_everyAnchoredHeadIsAPrefix() public view {
        uint64 previous = 0;
        for (uint256 i = 0; i < _roles.headCount(); ++i) {
            (uint64 treeSize, bytes32 rootHash) = _roles.heads(i);
            vm.assertTrue(previous < treeSize);
            vm.assertEq(rootHash, _roles.rootOf(treeSize));
            previous = treeSize;
        }
    }
}
