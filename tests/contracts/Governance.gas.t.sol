// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Council} from "../../contracts/Council.sol";
import {EvidenceLog} from "../../contracts/EvidenceLog.sol";
import {ICouncil} from "../../contracts/interfaces/ICouncil.sol";
import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {LogFixture} from "./helpers/Fixtures.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {EqualLeavesTree} from "./helpers/Trees.sol";

/// @title Gas of what the council does, and of what anyone may show or ask of a log, beside anchoring
/// @notice Two of three bodies sign. Each measurement has a council and a log of its own, so that everything is cold.
contract GovernanceGasTest is LogFixture, EqualLeavesTree, GasGolden {
    struct Setting {
        Council council;
        EvidenceLog evidenceLog;
        bytes32 logId;
        uint256 nonce;
    }

    uint64 private constant _SIZE = 1_000_000;
    uint64 private constant _LATER_SIZE = 1_234_567;
    bytes32 private constant _OTHER_ROOT = keccak256("other root");

    Setting[] private _settings;
    uint256 private _nonce;

    function setUp() public override {
        for (uint256 i = 0; i < 7; ++i) {
            super.setUp();
            anchor(0, _SIZE, rootOf(_SIZE), noPath());
            _settings.push(Setting(council, evidenceLog, logId, council.nonce()));
        }
    }

    function test_gasOfTheCouncil_isTheGoldenOne() public {
        _use(0);
        // the smallest act: a view
        _recordAct("execute_smallest_act", address(council), abi.encodeCall(ICouncil.nonce, ()));
        _use(1);
        address[] memory bodies = addressesOf(sortedKeys(3, "newcomer"));
        bytes memory call_ = abi.encodeCall(ICouncil.changeMembership, (bodies, 2));
        _recordAct("changeMembership_three_for_three", address(council), call_);
        vm.assertTrue(council.isBody(bodies[0]));
        address[] memory asked = council.bodies();
        recordGas("bodies_three", address(council), abi.encodeCall(ICouncil.bodies, ()));
        recordGas("isBody", address(council), abi.encodeCall(ICouncil.isBody, (asked[0])));
        recordGas("nonce", address(council), abi.encodeCall(ICouncil.nonce, ()));
        recordGas("threshold", address(council), abi.encodeCall(ICouncil.threshold, ()));
        recordGas("MAX_BODIES", address(council), abi.encodeCall(council.MAX_BODIES, ()));
        requireGoldens("Council");
    }

    function test_gasOfTheLog_isTheGoldenOne() public {
        _use(2);
        bytes memory call_ = abi.encodeCall(IEvidenceLog.openLog, (ORIGIN, bytes32("key"), vm.addr(ANCHOR_KEY)));
        _recordAct("openLog", address(evidenceLog), call_);
        _use(3);
        _recordAct("closeLog", address(evidenceLog), abi.encodeCall(IEvidenceLog.closeLog, (logId, 0)));
        _use(4);
        bytes32 root = rootOf(_SIZE);
        call_ = abi.encodeCall(
            IEvidenceLog.reportFork,
            (logId, signedHead(_SIZE, root), signedHead(_SIZE, _OTHER_ROOT), _OTHER_ROOT, noPath())
        );
        recordGas("reportFork_equal_sizes", address(evidenceLog), call_);
        _use(5);
        // the larger head grew out of the true root, the smaller one was signed over another
        call_ = abi.encodeCall(
            IEvidenceLog.reportFork,
            (
                logId,
                signedHead(_SIZE, _OTHER_ROOT),
                signedHead(_LATER_SIZE, rootOf(_LATER_SIZE)),
                root,
                consistencyPathOf(_SIZE, _LATER_SIZE)
            )
        );
        recordGas("reportFork_at_1000000", address(evidenceLog), call_);
        _use(6);
        bytes32[] memory path = inclusionPathOf(123_456, _SIZE);
        call_ = abi.encodeCall(IEvidenceLog.verifyInclusion, (logId, LEAF_HASH, 123_456, path));
        recordGas("verifyInclusion_at_1000000", address(evidenceLog), call_);
        recordGas("head", address(evidenceLog), abi.encodeCall(IEvidenceLog.head, (logId)));
        recordGas("logState", address(evidenceLog), abi.encodeCall(IEvidenceLog.logState, (logId)));
        recordGas("council", address(evidenceLog), abi.encodeCall(IEvidenceLog.council, ()));
        recordGas("MAX_GROWTH", address(evidenceLog), abi.encodeCall(evidenceLog.MAX_GROWTH, ()));
        requireGoldens("EvidenceLog");
    }

    function _recordAct(string memory name, address target, bytes memory data) private {
        // the council is not asked for its nonce here: it would be warm
        bytes32 digest = actDigest(target, data, _nonce, DEADLINE);
        bytes[] memory signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (signDigest(bodyKeys[0], digest), signDigest(bodyKeys[1], digest));
        bytes memory call_ = abi.encodeCall(ICouncil.execute, (target, data, DEADLINE, signatures));
        recordGas(name, address(council), call_);
    }

    function _use(uint256 which) private {
        Setting memory setting = _settings[which];
        (council, evidenceLog, logId, _nonce) = (setting.council, setting.evidenceLog, setting.logId, setting.nonce);
    }
}
