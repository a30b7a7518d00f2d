// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";

/// @title What a body was at the end of any past block
/// @notice One entry for every change, in the order of the changes; `sinceBlock` never descends. Nothing is taken away.
library BodyHistory {
    /// @notice The body as it was at the end of a block; all zero when it was not admitted then.
    /// @dev Binary search for the last entry that is not younger than the block: of several changes in one block the
    /// last one counts.
    /// @param history The body's history.
    /// @param blockNumber The block.
    /// @return body The body.
    function stateAt(
        IParticipantRegistry.Body[] storage history,
        uint256 blockNumber
    ) internal view returns (IParticipantRegistry.Body memory body) {
        // All entries below `low` are old enough, all from `high` on are too young.
        uint256 low = 0;
        uint256 high = history.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (history[middle].sinceBlock > blockNumber) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low != 0) {
            body = history[low - 1];
        }
    }
}
