// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @notice Deploys a contract of `contracts/` out of its artifact: what is tested is the code that stands on a chain,
/// while the tests themselves are compiled fast. What its constructor reverts with goes through.
/// @param name Of the contract, and of its file.
/// @param arguments Of the constructor, ABI-encoded.
/// @return contract_ Where it stands.
function deployed(string memory name, bytes memory arguments) returns (address contract_) {
    Vm vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    bytes memory code = bytes.concat(vm.getCode(string.concat(name, ".sol:", name)), arguments);
    // solhint-disable-next-line no-inline-assembly
    assembly ("memory-safe") {
        contract_ := create(0, add(code, 0x20), mload(code))
        if iszero(contract_) {
            let answer := mload(0x40)
            returndatacopy(answer, 0, returndatasize())
            revert(answer, returndatasize())
        }
    }
}
