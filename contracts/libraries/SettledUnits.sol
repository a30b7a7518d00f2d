// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Which statements of a stream are settled: one bit each
/// @notice Statement i is bit i % 256 of word i / 256. Bits are set and never cleared.
library SettledUnits {
    uint256 private constant _PER_WORD = 256;

    /// @notice Marks consecutive statements as settled, unless one of them is.
    /// @dev The caller bounds the range; a word of 256 statements costs one slot.
    /// @param self The words of one stream and component.
    /// @param firstIndex First statement.
    /// @param nextIndex First statement that is not part of the range.
    /// @return isFresh Whether none was settled before; the caller reverts otherwise, since words before the first
    /// settled one are written already.
    function take(
        mapping(uint256 word => uint256 bits) storage self,
        uint64 firstIndex,
        uint64 nextIndex
    ) internal returns (bool isFresh) {
        uint256 index = firstIndex;
        while (index < nextIndex) {
            uint256 word = index / _PER_WORD;
            uint256 end = (word + 1) * _PER_WORD;
            if (end > nextIndex) {
                end = nextIndex;
            }
            uint256 mask = (type(uint256).max >> (_PER_WORD - (end - index))) << (index % _PER_WORD);
            uint256 bits = self[word];
            if (bits & mask != 0) {
                return false;
            }
            self[word] = bits | mask;
            index = end;
        }
        return true;
    }
}
