// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Signed 48-bit amounts, five to a storage slot
/// @notice Amount i stands in word i / 5, lowest 48 bits first, in two's complement. Unused places are zero. 48 bits
/// hold 1.4 million million yuan in fen; five to a slot is what keeps a line of ten recipients at two slots. The words
/// are a mapping because the count is known from elsewhere: a stored length would cost one slot more.
library PackedAmounts {
    /// @notice Greatest amount, and with the sign turned the least that is used.
    uint256 internal constant MAX_AMOUNT = 2 ** 47 - 1;
    uint256 private constant _PER_WORD = 5;
    uint256 private constant _BITS = 48;
    uint256 private constant _MASK = 2 ** 48 - 1;

    /// @notice An amount has more than 47 bits and a sign.
    /// @param place Its place.
    /// @param amount The amount.
    error PackedAmountsTooLarge(uint256 place, int256 amount);

    /// @notice Stores amounts over whatever stood there.
    /// @dev The caller never stores fewer than before.
    /// @param self The words.
    /// @param amounts The amounts.
    function store(mapping(uint256 place => uint256 word) storage self, int64[] memory amounts) internal {
        uint256 count = amounts.length;
        uint256 i = 0;
        for (uint256 place = 0; i < count; ++place) {
            uint256 word = 0;
            for (uint256 shift = 0; shift < _PER_WORD * _BITS && i < count; shift += _BITS) {
                int256 amount = amounts[i];
                if (amount > int256(MAX_AMOUNT) || amount < -int256(MAX_AMOUNT)) {
                    revert PackedAmountsTooLarge(i, amount);
                }
                // The mask cuts the sign extension off. Counting to 250 and shifting by 192 overflows nothing.
                unchecked {
                    word |= (uint256(amount) & _MASK) << shift;
                    ++i;
                }
            }
            self[place] = word;
        }
    }

    /// @notice One amount.
    /// @param self The words.
    /// @param place Place of the amount; the caller knows how many there are.
    /// @return The amount.
    function load(mapping(uint256 place => uint256 word) storage self, uint256 place) internal view returns (int64) {
        uint256 word = self[place / _PER_WORD] >> ((place % _PER_WORD) * _BITS);
        return int64(int48(uint48(word)));
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
