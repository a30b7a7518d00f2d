// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {LogFixture} from "./helpers/Fixtures.sol";

/// @title The byte code runs on every chain from Berlin rules up
/// @notice Walks the code instruction by instruction, so that a byte inside pushed data is no instruction.
contract ByteCodeTest is LogFixture {
    function test_councilsCode_hasOnlyOldInstructions() public view {
        _requireOldInstructions(address(council).code);
    }

    function test_evidenceLogsCode_hasOnlyOldInstructions() public view {
        _requireOldInstructions(address(evidenceLog).code);
    }

    /// @notice The code that is deployed, as its artifact has it, and not what compiling this test would make of it.
    function test_creationCode_hasOnlyOldInstructions() public view {
        string[13] memory names = [
            "Council",
            "DeliveryReceipts",
            "DigitalContractRegistry",
            "Directory",
            "Disputes",
            "DistributionTables",
            "EvidenceLog",
            "Orders",
            "ParticipantRegistry",
            "Payouts",
            "ProductRegistry",
            "RevenueSettlement",
            "SettlementRules"
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            _requireOldInstructions(vm.getCode(string.concat(names[i], ".sol:", names[i])));
        }
    }

    function test_theWalk_seesNewInstructionsAndSkipsData() public pure {
        vm.assertTrue(_isNew(0x5f) && _isNew(0x5e) && _isNew(0x5c) && _isNew(0x5d) && _isNew(0x48) && _isNew(0x49));
        vm.assertEq(_firstNew(hex"605f5b"), 3); // PUSH1 0x5f, JUMPDEST
        vm.assertEq(_firstNew(hex"600160025f"), 4); // PUSH1, PUSH1, PUSH0
    }

    function _requireOldInstructions(bytes memory code) private pure {
        vm.assertTrue(code.length > 1000);
        vm.assertEq(_firstNew(code), code.length, "a newer instruction stands at");
    }

    /// @dev Place of the first newer instruction, or the length of the code.
    function _firstNew(bytes memory code) private pure returns (uint256 i) {
        while (i < code.length && !_isNew(uint8(code[i]))) {
            // PUSH1 to PUSH32 carry 1 to 32 bytes of data
            uint8 instruction = uint8(code[i]);
            i += instruction >= 0x60 && instruction <= 0x7f ? uint256(instruction) - 0x5e : 1;
        }
        return i < code.length ? i : code.length;
    }

    /// @dev BASEFEE (London), BLOBHASH, BLOBBASEFEE, TLOAD, TSTORE, MCOPY (Cancun), PUSH0 (Shanghai), CLZ (Osaka).
    function _isNew(uint8 instruction) private pure returns (bool) {
        return
            (instruction >= 0x48 && instruction <= 0x4a) ||
            (instruction >= 0x5c && instruction <= 0x5f) ||
            instruction == 0x1e;
    }
}
