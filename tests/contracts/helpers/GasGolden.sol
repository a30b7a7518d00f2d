// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {Test} from "./Vm.sol";

/// @title Gas of whole transactions against a golden file, one file a contract
/// @notice `npm run gas:update` writes the files again. Gas is what a receipt shows without refunds: 21,000, the call
/// data at 4 and 16 a byte, and the execution, of a view as much as if it were sent. A row begins with the name of its
/// function: `tests/conformance/test_contract_goldens.py` looks for each function's. One test function records
/// everything and closes with {requireGoldens}; slots count as cold once per test, so measure each function on objects
/// of its own.
abstract contract GasGolden is Test {
    string private _lines;

    /// @notice Makes a call, which must succeed, and records what its transaction would cost.
    function recordGas(string memory name, address target, bytes memory call_) internal returns (uint256 total) {
        (bool success, bytes memory answer) = target.call(call_);
        vm.assertTrue(success, string.concat(name, " reverts: ", string(answer)));
        total = 21_000 + vm.lastCallGas().gasTotalUsed;
        for (uint256 i = 0; i < call_.length; ++i) {
            total += call_[i] == 0 ? 4 : 16;
        }
        record(name, total);
    }

    /// @notice What every contract that takes signatures answers.
    function recordPartyViews(address target) internal {
        recordGas("participants", target, abi.encodeCall(IPartyActs.participants, ()));
        recordGas("domainSeparator", target, abi.encodeCall(IPartyActs.domainSeparator, ()));
    }

    function record(string memory name, uint256 value) internal {
        string memory line = string.concat('  "', name, '": ', vm.toString(value));
        _lines = bytes(_lines).length == 0 ? line : string.concat(_lines, ",\n", line);
    }

    /// @notice Compares everything recorded with `goldens/<file>.json`, or writes it there.
    function requireGoldens(string memory file) internal {
        string memory path = string.concat("./tests/contracts/goldens/", file, ".json");
        string memory measured = string.concat("{\n", _lines, "\n}\n");
        if (vm.envOr("CITYLEDGER_UPDATE_GOLDENS", false)) {
            vm.writeFile(path, measured);
        }
        vm.assertEq(measured, vm.readFile(path), "npm run gas:update writes the goldens again");
    }
}
