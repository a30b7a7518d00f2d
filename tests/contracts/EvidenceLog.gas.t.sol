// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IEvidenceLog} from "../../contracts/interfaces/IEvidenceLog.sol";
import {LogFixture} from "./helpers/Fixtures.sol";
import {EqualLeavesTree} from "./helpers/Trees.sol";

/// @title Gas of whole anchor transactions, and sizes of the byte code, against `goldens.json`
/// @notice `npm run gas:update` writes the file again. Gas is what a receipt shows: 21,000, the call data at 4 and 16 a
/// byte, and the execution, whose first access to the log is cold because each sample has a log of its own.
contract EvidenceLogGasTest is LogFixture, EqualLeavesTree {
    string private constant _GOLDENS = "./tests/contracts/goldens.json";
    uint256 private constant _SAMPLES = 25;

    struct Sample {
        bytes32 logId;
        uint64 oldSize;
        uint64 newSize;
        bytes call_;
    }

    mapping(uint256 magnitude => Sample[] samples) private _samples;
    bytes32 private _untouched;
    string private _lines;

    function setUp() public override {
        super.setUp();
        _untouched = logId;
        uint64[4] memory magnitudes = [uint64(1000), 100_000, 1_000_000, 1_000_000_000];
        for (uint256 m = 0; m < magnitudes.length; ++m) {
            for (uint256 i = 0; i < _SAMPLES; ++i) {
                _prepare(magnitudes[m], i);
            }
        }
    }

    function test_gasAndSizes_areTheGoldenOnes() public {
        _measureFirst();
        _measure("anchor_at_1000", 1000);
        _measure("anchor_at_100000", 100_000);
        _measure("anchor_at_1000000", 1_000_000);
        _measure("anchor_at_1000000000", 1_000_000_000);
        _record("bytes_of_evidence_log", address(evidenceLog).code.length);
        _record("bytes_of_council", address(council).code.length);
        string memory measured = string.concat("{\n", _lines, "\n}\n");
        if (vm.envOr("CITYLEDGER_UPDATE_GOLDENS", false)) {
            vm.writeFile(_GOLDENS, measured);
        }
        vm.assertEq(measured, vm.readFile(_GOLDENS), "npm run gas:update writes goldens.json again");
    }

    function _measureFirst() private {
        logId = _untouched;
        bytes32 root = rootOf(1000);
        bytes memory call_ = abi.encodeCall(
            IEvidenceLog.anchor,
            (logId, 0, 1000, root, noPath(), signHead(1000, root))
        );
        _record("anchor_first", _transactionGas(call_));
    }

    /// @dev Anchors a head of about the magnitude in a log of its own and keeps the call that extends it. Sizes and
    /// growths (1 to 4,000 entries) are spread by a fixed sequence.
    function _prepare(uint64 magnitude, uint256 number) private {
        uint256 random = uint256(keccak256(abi.encode(magnitude, number)));
        uint64 oldSize = magnitude + uint64(random % (magnitude / 10));
        uint64 newSize = oldSize + 1 + uint64((random >> 64) % (magnitude < 4000 ? magnitude : 4000));
        logId = openLog(string.concat("gas/", vm.toString(magnitude), "/", vm.toString(number)));
        anchor(0, oldSize, rootOf(oldSize), noPath());
        bytes32 root = rootOf(newSize);
        bytes memory call_ = abi.encodeCall(
            IEvidenceLog.anchor,
            (logId, oldSize, newSize, root, consistencyPathOf(oldSize, newSize), signHead(newSize, root))
        );
        _samples[magnitude].push(Sample(logId, oldSize, newSize, call_));
    }

    function _measure(string memory name, uint256 magnitude) private {
        Sample[] storage samples = _samples[magnitude];
        uint256[] memory sorted = new uint256[](samples.length);
        for (uint256 i = 0; i < samples.length; ++i) {
            uint256 gas_ = _transactionGas(samples[i].call_);
            uint256 place = i;
            for (; place > 0 && sorted[place - 1] > gas_; --place) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = gas_;
            (uint64 treeSize, , , ) = evidenceLog.head(samples[i].logId);
            vm.assertEq(treeSize, samples[i].newSize);
        }
        _record(string.concat(name, "_min"), sorted[0]);
        _record(string.concat(name, "_median"), sorted[sorted.length / 2]);
        _record(string.concat(name, "_max"), sorted[sorted.length - 1]);
    }

    function _transactionGas(bytes memory call_) private returns (uint256 total) {
        (bool success, ) = address(evidenceLog).call(call_);
        vm.assertTrue(success);
        total = 21_000 + vm.lastCallGas().gasTotalUsed;
        for (uint256 i = 0; i < call_.length; ++i) {
            total += call_[i] == 0 ? 4 : 16;
        }
    }

    function _record(string memory name, uint256 value) private {
        string memory line = string.concat('  "', name, '": ', vm.toString(value));
        _lines = bytes(_lines).length == 0 ? line : string.concat(_lines, ",\n", line);
    }
}
