// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Council} from "../../contracts/Council.sol";
import {ICouncil} from "../../contracts/interfaces/ICouncil.sol";
import {CouncilFixture} from "./helpers/Fixtures.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @notice What the council calls in these tests.
contract Target {
    uint256 public value;
    Council private immutable _COUNCIL;
    bytes private _reentry;

    error TargetRefused(uint256 value);

    constructor(Council council) {
        _COUNCIL = council;
    }

    function set(uint256 newValue) external returns (uint256 oldValue) {
        if (newValue == 13) {
            revert TargetRefused(newValue);
        }
        oldValue = value;
        value = newValue;
    }

    function prepareReentry(bytes calldata call_) external {
        _reentry = call_;
    }

    /// @notice Calls the council back, and passes on what it reverts with.
    function reenter() external {
        (bool success, bytes memory answer) = address(_COUNCIL).call(_reentry);
        if (!success) {
            revert(string(answer));
        }
    }
}

abstract contract TargetFixture is CouncilFixture {
    Target internal target;

    function setUp() public virtual override {
        super.setUp();
        target = new Target(council);
    }

    function setCall(uint256 value) internal pure returns (bytes memory) {
        return abi.encodeCall(Target.set, (value));
    }

    function requireRefused(
        bytes memory data,
        uint256 deadline,
        bytes[] memory signatures,
        bytes memory reason
    ) internal {
        uint256 nonce = council.nonce();
        vm.expectRevert(reason);
        council.execute(address(target), data, deadline, signatures);
        vm.assertEq(council.nonce(), nonce);
    }
}

contract CouncilConstructorTest is CouncilFixture {
    function test_founding_setsBodiesAndThreshold() public {
        address[] memory bodies = addressesOf(bodyKeys);
        vm.expectEmit(address(council));
        emit ICouncil.MembershipChanged(bodies, 3);
        act(address(council), abi.encodeCall(ICouncil.changeMembership, (bodies, 3)));
        Council fresh = Council(deployed("Council", abi.encode(bodies, 2)));
        vm.assertEq(abi.encode(fresh.bodies()), abi.encode(bodies));
        vm.assertEq(fresh.threshold(), 2);
        vm.assertEq(fresh.nonce(), 0);
        for (uint256 i = 0; i < bodies.length; ++i) {
            vm.assertTrue(fresh.isBody(bodies[i]));
        }
        vm.assertFalse(fresh.isBody(address(0)));
    }

    function test_thresholdZeroOrAboveTheBodies_isRefused() public {
        address[] memory bodies = addressesOf(bodyKeys);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilInvalidThreshold.selector, 0, 3));
        deployed("Council", abi.encode(bodies, 0));
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilInvalidThreshold.selector, 4, 3));
        deployed("Council", abi.encode(bodies, 4));
    }

    function test_moreBodiesThanTheLimit_areRefused() public {
        address[] memory bodies = new address[](65);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilTooManyBodies.selector, 65));
        deployed("Council", abi.encode(bodies, 1));
    }

    function test_asManyBodiesAsTheLimit_canActInOneBlock() public {
        bodyKeys = sortedKeys(64, "many");
        council = Council(deployed("Council", abi.encode(addressesOf(bodyKeys), 64)));
        Target target = new Target(council);
        bytes memory data = abi.encodeCall(Target.set, (7));
        bytes[] memory signatures = actSignatures(64, address(target), data);
        council.execute{gas: 2_000_000}(address(target), data, DEADLINE, signatures);
        vm.assertEq(target.value(), 7);
    }

    function test_zeroTwiceOrUnorderedBody_isRefused() public {
        address[] memory bodies = addressesOf(bodyKeys);
        bodies[2] = bodies[1];
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilBodiesNotAscending.selector, bodies[1], bodies[1]));
        deployed("Council", abi.encode(bodies, 2));
        bodies[0] = address(0);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilBodiesNotAscending.selector, address(0), address(0)));
        deployed("Council", abi.encode(bodies, 2));
    }
}

contract CouncilExecuteTest is TargetFixture {
    function test_enoughSignatures_doTheActAndGiveItsAnswer() public {
        act(address(target), setCall(5));
        bytes[] memory signatures = actSignatures(2, address(target), setCall(6));
        vm.expectEmit(address(council));
        emit ICouncil.ActExecuted(1, address(target), setCall(6));
        bytes memory result = council.execute(address(target), setCall(6), DEADLINE, signatures);
        vm.assertEq(abi.decode(result, (uint256)), 5);
        vm.assertEq(target.value(), 6);
        vm.assertEq(council.nonce(), 2);
    }

    function test_fuzz_anyoneMayRelay_alsoWithMoreSignatures(address sender) public {
        bytes[] memory signatures = actSignatures(3, address(target), setCall(5));
        vm.prank(sender);
        council.execute(address(target), setCall(5), DEADLINE, signatures);
        vm.assertEq(target.value(), 5);
    }

    function test_sameSignaturesAgain_areRefused() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        council.execute(address(target), setCall(5), DEADLINE, signatures);
        _requireRefused(signatures);
    }

    function test_lastSecond_isInTime() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        vm.warp(DEADLINE);
        council.execute(address(target), setCall(5), DEADLINE, signatures);
        vm.assertEq(target.value(), 5);
    }

    function test_secondAfter_isTooLate() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        vm.warp(DEADLINE + 1);
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilActExpired.selector, DEADLINE, DEADLINE + 1);
        requireRefused(setCall(5), DEADLINE, signatures, reason);
    }

    function test_tooFewSignatures_areRefused() public {
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilTooFewSignatures.selector, 1, 2);
        requireRefused(setCall(5), DEADLINE, actSignatures(1, address(target), setCall(5)), reason);
    }

    function test_oneBodyTwice_isRefused() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        signatures[1] = signatures[0];
        address body = vm.addr(bodyKeys[0]);
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilSignersNotAscending.selector, body, body);
        requireRefused(setCall(5), DEADLINE, signatures, reason);
    }

    function test_signersInTheWrongOrder_areRefused() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        bytes memory reason = abi.encodeWithSelector(
            ICouncil.CouncilSignersNotAscending.selector,
            vm.addr(bodyKeys[1]),
            vm.addr(bodyKeys[0])
        );
        requireRefused(setCall(5), DEADLINE, signatures, reason);
    }

    function test_malformedSignature_isRefused() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        signatures[0] = hex"00";
        bytes memory reason = abi.encodeWithSelector(
            ICouncil.CouncilSignersNotAscending.selector,
            address(0),
            address(0)
        );
        requireRefused(setCall(5), DEADLINE, signatures, reason);
    }

    function test_fuzz_strangersSignature_isRefused(uint256 key) public {
        key = 1 + (key % type(uint128).max);
        bytes32 digest = actDigest(address(target), setCall(5), 0, DEADLINE);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = signDigest(key, digest);
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilUnknownSigner.selector, vm.addr(key));
        requireRefused(setCall(5), DEADLINE, signatures, reason);
    }

    function test_fuzz_signaturesOfAnotherAct_areRefused(uint256 value, uint256 deadline, uint256 nonce) public {
        vm.assume(deadline >= block.timestamp);
        vm.assume(value != 5 || deadline != DEADLINE || nonce != 0);
        bytes32 digest = actDigest(address(target), setCall(value), nonce, deadline);
        bytes[] memory signatures = new bytes[](2);
        signatures[0] = signDigest(bodyKeys[0], digest);
        signatures[1] = signDigest(bodyKeys[1], digest);
        _requireRefused(signatures);
        vm.assertEq(target.value(), 0);
    }

    function test_signaturesFromBeforeAChainSplit_areRefused() public {
        bytes[] memory signatures = actSignatures(2, address(target), setCall(5));
        vm.chainId(block.chainid + 1);
        _requireRefused(signatures);
        act(address(target), setCall(5));
    }

    function test_targetWithoutCode_isRefused() public {
        address nobody = address(0xC0FFEE);
        bytes[] memory signatures = actSignatures(2, nobody, "");
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilTargetWithoutCode.selector, nobody));
        council.execute(nobody, "", DEADLINE, signatures);
    }

    function test_failingCall_isToldAndTheNonceStays() public {
        bytes memory inner = abi.encodeWithSelector(Target.TargetRefused.selector, 13);
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilActFailed.selector, address(target), inner);
        requireRefused(setCall(13), DEADLINE, actSignatures(2, address(target), setCall(13)), reason);
    }

    /// @dev Over the next act to set five, the first signature is of nobody who is a body.
    function _requireRefused(bytes[] memory signatures) private {
        bytes32 digest = actDigest(address(target), setCall(5), council.nonce(), DEADLINE);
        address by = recovered(digest, signatures[0]);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilUnknownSigner.selector, by));
        council.execute(address(target), setCall(5), DEADLINE, signatures);
    }

    /// @notice A target that calls back finds its own act's signatures used up.
    function test_reentryWithTheSameSignatures_isRefused() public {
        bytes memory data = abi.encodeCall(Target.reenter, ());
        bytes[] memory signatures = actSignatures(2, address(target), data);
        bytes memory call_ = abi.encodeCall(ICouncil.execute, (address(target), data, DEADLINE, signatures));
        target.prepareReentry(call_);
        (bool success, bytes memory answer) = address(council).call(call_);
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(ICouncil.CouncilActFailed.selector));
        vm.assertEq(council.nonce(), 0);
    }
}

contract CouncilChangeMembershipTest is TargetFixture {
    function test_newBodies_actAndOldOnesNoLonger() public {
        uint256[] memory oldKeys = bodyKeys;
        uint256[] memory newKeys = sortedKeys(4, "new");
        act(address(council), abi.encodeCall(ICouncil.changeMembership, (addressesOf(newKeys), 3)));
        for (uint256 i = 0; i < oldKeys.length; ++i) {
            vm.assertFalse(council.isBody(vm.addr(oldKeys[i])));
        }
        vm.assertEq(council.threshold(), 3);
        vm.assertEq(abi.encode(council.bodies()), abi.encode(addressesOf(newKeys)));
        bytes memory reason = abi.encodeWithSelector(ICouncil.CouncilUnknownSigner.selector, vm.addr(oldKeys[0]));
        requireRefused(setCall(5), DEADLINE, actSignatures(3, address(target), setCall(5)), reason);
        bodyKeys = newKeys;
        council.execute(address(target), setCall(5), DEADLINE, actSignatures(3, address(target), setCall(5)));
        vm.assertEq(target.value(), 5);
    }

    function test_bodyThatStays_isStillABody() public {
        address[] memory fewer = new address[](1);
        fewer[0] = vm.addr(bodyKeys[1]);
        act(address(council), abi.encodeCall(ICouncil.changeMembership, (fewer, 1)));
        vm.assertTrue(council.isBody(fewer[0]));
        vm.assertFalse(council.isBody(vm.addr(bodyKeys[0])));
    }

    function test_fuzz_anyoneElse_isRefused(address caller) public {
        vm.assume(caller != address(council));
        address[] memory bodies = addressesOf(bodyKeys);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilUnauthorizedCaller.selector, caller));
        vm.prank(caller);
        council.changeMembership(bodies, 1);
    }

    function test_impossibleMembership_changesNothing() public {
        bytes memory data = abi.encodeCall(ICouncil.changeMembership, (new address[](0), 0));
        bytes[] memory signatures = actSignatures(2, address(council), data);
        bytes memory inner = abi.encodeWithSelector(ICouncil.CouncilInvalidThreshold.selector, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ICouncil.CouncilActFailed.selector, address(council), inner));
        council.execute(address(council), data, DEADLINE, signatures);
        vm.assertEq(council.bodies().length, 3);
    }
}
