// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {LargestRemainder} from "../libraries/LargestRemainder.sol";
import {PackedAmounts} from "../libraries/PackedAmounts.sol";
import {SplitVector} from "../libraries/SplitVector.sol";
import {BodyId, LineId} from "../types/Ids.sol";
import {PartWeights, Recipient} from "../types/Terms.sol";

/// @title The libraries of the split, callable
/// @notice For tests and vectors only; never deployed. Same name, same arguments.
contract SplitHarness {
    using PackedAmounts for mapping(uint256 place => uint256 word);

    mapping(uint256 place => uint256 word) private _words;

    function store(int64[] calldata amounts) external {
        _words.store(amounts);
    }

    function load(uint256 place) external view returns (int64) {
        return _words.load(place);
    }

    function loadAll(uint256 count) external view returns (int64[] memory) {
        return _words.loadAll(count);
    }

    function split(
        uint64 total,
        uint256[] calldata weights,
        LineId lineId,
        BodyId[] calldata recipients
    ) external pure returns (uint64[] memory) {
        return LargestRemainder.split(total, weights, lineId, recipients);
    }

    function flatten(
        PartWeights calldata partWeights,
        Recipient[] calldata entries,
        uint32[] calldata shares
    ) external pure returns (uint256[] memory weights, BodyId[] memory recipients) {
        return SplitVector.flatten(partWeights, entries, shares);
    }
}
