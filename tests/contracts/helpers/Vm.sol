// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice The cheat codes that these tests use; Hardhat and forge answer them alike.
interface Vm {
    struct DirEntry {
        string errorMessage;
        string path;
        uint64 depth;
        bool isDir;
        bool isSymlink;
    }

    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function addr(uint256 privateKey) external pure returns (address);

    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function getCode(string calldata artifact) external view returns (bytes memory creationCode);

    function prank(address caller) external;

    function warp(uint256 timestamp) external;

    function chainId(uint256 chainId_) external;

    function etch(address target, bytes calldata code) external;

    function assume(bool condition) external pure;

    function expectRevert(bytes calldata data) external;

    function expectEmit(address emitter) external;

    function mockCall(address target, bytes calldata data, bytes calldata answer) external;

    function clearMockedCalls() external;

    function roll(uint256 blockNumber) external;

    function mockCallRevert(address target, bytes calldata data, bytes calldata answer) external;

    function lastCallGas() external view returns (Gas memory);

    function readDir(string calldata path, uint64 maxDepth) external view returns (DirEntry[] memory);

    function readFile(string calldata path) external view returns (string memory);

    function writeFile(string calldata path, string calldata data) external;

    function envOr(string calldata name, bool fallbackValue) external view returns (bool);

    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);

    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);

    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);

    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);

    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);

    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);

    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);

    function parseJsonStringArray(string calldata json, string calldata key) external pure returns (string[] memory);

    function toString(uint256 value) external pure returns (string memory);

    function assertEq(uint256 left, uint256 right) external pure;

    function assertEq(uint256 left, uint256 right, string calldata message) external pure;

    function assertEq(bytes32 left, bytes32 right) external pure;

    function assertEq(bytes32 left, bytes32 right, string calldata message) external pure;

    function assertEq(address left, address right) external pure;

    function assertEq(bytes calldata left, bytes calldata right) external pure;

    function assertEq(bytes calldata left, bytes calldata right, string calldata message) external pure;

    function assertEq(string calldata left, string calldata right, string calldata message) external pure;

    function assertTrue(bool condition) external pure;

    function assertTrue(bool condition, string calldata message) external pure;

    function assertFalse(bool condition) external pure;
}

/// @notice Base of every test: the cheat codes.
abstract contract Test {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
}
