// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Signed 64-bit amounts, four to a storage slot
/// @notice Amount i stands in word i / 4, lowest 64 bits first, in two's complement. Unused places are zero. The words
/// are a mapping because the count is known from elsewhere: a stored length would cost one slot more.
library PackedAmounts {
    uint256 private constant _PER_WORD = 4;
    uint256 private constant _BITS = 64;

    /// @notice Stores amounts over whatever stood there.
    /// @dev The caller never stores fewer than before.
    /// @param self The words.
    /// @param amounts The amounts.
    function store(mapping(uint256 place => uint256 word) storage self, int64[] memory amounts) internal {
        for (uint256 w = 0; w * _PER_WORD < amounts.length; ++w) {
            uint256 word = 0;
            for (uint256 i = 0; i < _PER_WORD && w * _PER_WORD + i < amounts.length; ++i) {
                // The cast to 64 bits cuts the sign extension off.
                word |= uint256(uint64(amounts[w * _PER_WORD + i])) << (i * _BITS);
            }
            self[w] = word;
        }
    }

    /// @notice One amount.
    /// @param self The words.
    /// @param place Place of the amount; the caller knows how many there are.
    /// @return The amount.
    function load(mapping(uint256 place => uint256 word) storage self, uint256 place) internal view returns (int64) {
        return int64(uint64(self[place / _PER_WORD] >> ((place % _PER_WORD) * _BITS)));
    }

    /// @notice All amounts.
    /// @param self The words.
    /// @param count How many there are.
    /// @return amounts The amounts.
    function loadAll(
        mapping(uint256 place => uint256 word) storage self,
        uint256 count
    ) internal view returns (int64[] memory amounts) {
        amounts = new int64[](count);
        for (uint256 i = 0; i < count; ++i) {
            amounts[i] = load(self, i);
        }
    }
}
