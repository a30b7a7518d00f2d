// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../interfaces/ISettlementRules.sol";
import {PeriodId, RuleVersion} from "../types/Ids.sol";

/// @notice Rules that stand where a test puts them.
contract StubRules {
    mapping(RuleVersion ruleVersion => ISettlementRules.RuleStatus status) private _status;

    function set(RuleVersion ruleVersion, ISettlementRules.RuleStatus status) external {
        _status[ruleVersion] = status;
    }

    function ruleOf(RuleVersion ruleVersion) external view returns (ISettlementRules.RuleStatus, PeriodId) {
        return (_status[ruleVersion], PeriodId.wrap(202601));
    }
}
