// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Base64 of hashes, as the vector files write them
library Base64 {
    /// @notice Decodes 32 bytes; `isHash` is false for every other length.
    function tryDecode32(string memory text) internal pure returns (bool isHash, bytes32 value) {
        bytes memory digits = bytes(text);
        // 32 bytes are 43 digits and one pad
        if (digits.length != 44 || digits[43] != "=" || digits[42] == "=") {
            return (false, bytes32(0));
        }
        uint256 high = 0;
        for (uint256 i = 0; i < 42; ++i) {
            high = (high << 6) | _digit(uint8(digits[i]));
        }
        // the last digit holds four bits and two zeros
        return (true, bytes32((high << 4) | (_digit(uint8(digits[42])) >> 2)));
    }

    function _digit(uint8 character) private pure returns (uint256) {
        if (character >= 0x61) {
            return character - 0x61 + 26;
        }
        if (character >= 0x41) {
            return character - 0x41;
        }
        if (character >= 0x30) {
            return character - 0x30 + 52;
        }
        return character == 0x2b ? 62 : 63;
    }
}
