// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Council} from "../../contracts/Council.sol";
import {EvidenceLog} from "../../contracts/EvidenceLog.sol";
import {DeliveryReceipts} from "../../contracts/DeliveryReceipts.sol";
import {DigitalContractRegistry} from "../../contracts/DigitalContractRegistry.sol";
import {Directory} from "../../contracts/Directory.sol";
import {Disputes} from "../../contracts/Disputes.sol";
import {DistributionTables} from "../../contracts/DistributionTables.sol";
import {Orders} from "../../contracts/Orders.sol";
import {ParticipantRegistry} from "../../contracts/ParticipantRegistry.sol";
import {Payouts} from "../../contracts/Payouts.sol";
import {ProductRegistry} from "../../contracts/ProductRegistry.sol";
import {RevenueSettlement} from "../../contracts/RevenueSettlement.sol";
import {SettlementRules} from "../../contracts/SettlementRules.sol";
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

    function test_creationCode_hasOnlyOldInstructions() public pure {
        _requireOldInstructions(type(Council).creationCode);
        _requireOldInstructions(type(EvidenceLog).creationCode);
        _requireOldInstructions(type(DeliveryReceipts).creationCode);
        _requireOldInstructions(type(DigitalContractRegistry).creationCode);
        _requireOldInstructions(type(Directory).creationCode);
        _requireOldInstructions(type(Disputes).creationCode);
        _requireOldInstructions(type(DistributionTables).creationCode);
        _requireOldInstructions(type(Orders).creationCode);
        _requireOldInstructions(type(ParticipantRegistry).creationCode);
        _requireOldInstructions(type(Payouts).creationCode);
        _requireOldInstructions(type(ProductRegistry).creationCode);
        _requireOldInstructions(type(RevenueSettlement).creationCode);
        _requireOldInstructions(type(SettlementRules).creationCode);
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
