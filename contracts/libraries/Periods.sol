// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PeriodId} from "../types/Ids.sol";

/// @title Accounting months
/// @notice A period is a month written as decimal YYYYMM, so that events and vectors can be read by eye.
library Periods {
    uint32 private constant _FIRST = 1900_01;
    uint32 private constant _LAST = 9999_12;
    uint32 private constant _YEAR = 100;
    uint32 private constant _MONTHS = 12;

    /// @notice Whether the number is a month between January 1900 and December 9999.
    /// @param period The number.
    /// @return Whether it is.
    function isMonth(PeriodId period) internal pure returns (bool) {
        uint32 number = PeriodId.unwrap(period);
        uint32 month = number % _YEAR;
        return number >= _FIRST && number <= _LAST && month != 0 && month <= _MONTHS;
    }
}
