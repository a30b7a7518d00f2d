// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, DisputeId, LineId} from "../types/Ids.sol";

/// @notice Freezes whatever a test says: by nobody in particular, or by cases whose rulings may be credited.
contract StubDisputes {
    mapping(LineId lineId => mapping(BodyId payee => uint64 amount)) public frozenAmount;
    mapping(LineId lineId => mapping(BodyId payee => DisputeId[] disputeIds)) private _disputeIds;
    mapping(LineId lineId => mapping(BodyId payee => uint64[] amounts)) private _amounts;

    function freeze(LineId lineId, BodyId payee, uint64 amount) external {
        frozenAmount[lineId][payee] = amount;
    }

    function freezeBy(LineId lineId, BodyId payee, uint64 amount, DisputeId disputeId) external {
        _disputeIds[lineId][payee].push(disputeId);
        _amounts[lineId][payee].push(amount);
        if (amount > frozenAmount[lineId][payee]) {
            frozenAmount[lineId][payee] = amount;
        }
    }

    function freezesOf(
        LineId lineId,
        BodyId payee
    ) external view returns (DisputeId[] memory disputeIds, uint64[] memory amounts) {
        disputeIds = _disputeIds[lineId][payee];
        amounts = _amounts[lineId][payee];
        if (amounts.length == 0) {
            disputeIds = new DisputeId[](1);
            amounts = new uint64[](1);
            amounts[0] = frozenAmount[lineId][payee];
        }
    }
}
