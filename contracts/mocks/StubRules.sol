// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISettlementRules} from "../interfaces/ISettlementRules.sol";
import {BodyId, PeriodId, RuleVersion} from "../types/Ids.sol";

/// @notice Rules that stand where a test puts them, and pay everybody whom a test does not leave out.
contract StubRules {
    mapping(RuleVersion ruleVersion => ISettlementRules.RuleStatus status) private _status;
    mapping(BodyId recipient => bool isLeftOut) private _leftOut;

    function set(RuleVersion ruleVersion, ISettlementRules.RuleStatus status) external {
        _status[ruleVersion] = status;
    }

    function leaveOut(BodyId recipient, bool isLeftOut) external {
        _leftOut[recipient] = isLeftOut;
    }

    function requireRecipient(BodyId recipient) external view {
        if (_leftOut[recipient]) {
            revert ISettlementRules.SettlementRulesUnknownRecipient(recipient);
        }
    }

    function ruleOf(RuleVersion ruleVersion) external view returns (ISettlementRules.RuleStatus, PeriodId) {
        return (_status[ruleVersion], PeriodId.wrap(202601));
    }
}
