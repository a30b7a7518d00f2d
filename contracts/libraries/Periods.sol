// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {PeriodId} from "../types/Ids.sol";

/// @title Accounting months
/// @notice A period is a month written as decimal YYYYMM, so that events and vectors can be read by eye. It runs from
/// its first midnight to the next month's in Asia/Shanghai, which has been UTC+8 without summer time since 1991.
library Periods {
    uint32 private constant _FIRST = 1900_01;
    uint32 private constant _LAST = 9999_12;
    uint32 private constant _YEAR = 100;
    uint32 private constant _MONTHS = 12;
    /// @dev From 0000-03-01 to 1970-01-01, in days. Counting from a March puts the leap day at the end of a year.
    uint256 private constant _EPOCH = 719_468;
    uint256 private constant _UTC_OFFSET = 8 hours;

    /// @notice Whether the number is a month between January 1900 and December 9999.
    /// @param period The number.
    /// @return Whether it is.
    function isMonth(PeriodId period) internal pure returns (bool) {
        uint32 number = PeriodId.unwrap(period);
        uint32 month = number % _YEAR;
        return number >= _FIRST && number <= _LAST && month != 0 && month <= _MONTHS;
    }

    /// @notice Whether some second of the month lies in a span of time.
    /// @param period The month; the caller has checked that it is one.
    /// @param first First second of the span, Unix time.
    /// @param last Last second of the span, Unix time; before the first one in an empty span.
    /// @return Whether the two have a second in common.
    function overlaps(PeriodId period, uint64 first, uint64 last) internal pure returns (bool) {
        uint256 months = _months(period);
        uint256 shift = _EPOCH * 1 days + _UTC_OFFSET;
        return first <= last && _begin(months) <= last + shift && _begin(months + 1) > first + shift;
    }

    /// @notice Whether the month has begun.
    /// @param period The month; the caller has checked that it is one.
    /// @param time The time, Unix time.
    /// @return Whether its first second is not after that time.
    function hasBegun(PeriodId period, uint256 time) internal pure returns (bool) {
        return _begin(_months(period)) <= time + _EPOCH * 1 days + _UTC_OFFSET;
    }

    /// @dev Months since the beginning of year 0.
    function _months(PeriodId period) private pure returns (uint256) {
        uint32 number = PeriodId.unwrap(period);
        return uint256(number / _YEAR) * _MONTHS + (number % _YEAR) - 1;
    }

    /// @dev First second of a month, counted in local time from 0000-03-01; `months` is year x 12 + month, from 0. The
    /// days of the months from March on are 31, 30, 31, 30, 31 twice and then 31, 28 or 29: (153 m + 2) / 5 in sum.
    function _begin(uint256 months) private pure returns (uint256) {
        uint256 year = (months - 2) / _MONTHS;
        uint256 month = (months - 2) % _MONTHS;
        return (year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5) * 1 days;
    }
}
