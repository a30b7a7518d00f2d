// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Test} from "./Vm.sol";

/// @title Reads the fields of one case of a vector file
/// @notice `json` is the file's text, `prefix` the place of the case in it.
abstract contract VectorCases is Test {
    string internal json;
    string internal prefix;

    function word(string memory name) internal view returns (bytes32) {
        return vm.parseJsonBytes32(json, _path(name));
    }

    function number(string memory name) internal view returns (uint256) {
        return vm.parseJsonUint(json, _path(name));
    }

    function flag(string memory name) internal view returns (bool) {
        return vm.parseJsonBool(json, _path(name));
    }

    function bytesOf(string memory name) internal view returns (bytes memory) {
        return vm.parseJsonBytes(json, _path(name));
    }

    function has(string memory name) internal view returns (bool) {
        return vm.keyExistsJson(json, _path(name));
    }

    /// @notice Whether two names are the same.
    function isType(string memory primaryType, string memory expected) internal pure returns (bool) {
        return keccak256(bytes(primaryType)) == keccak256(bytes(expected));
    }

    function item(string memory array, uint256 i) internal pure returns (string memory) {
        return string.concat(array, "[", vm.toString(i), "]");
    }

    /// @notice How many items an array of the case has.
    function countOf(string memory array) internal view returns (uint256 count) {
        while (has(item(array, count))) {
            ++count;
        }
    }

    function _path(string memory name) private view returns (string memory) {
        return string.concat(prefix, ".fields.", name);
    }
}
