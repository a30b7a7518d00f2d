// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {BodyId, Currency, LineId, TableId} from "../../../contracts/types/Ids.sol";
import {Line} from "../../../contracts/types/Lines.sol";
import {BasisKind} from "../../../contracts/types/Terms.sol";
import {SuiteActs} from "./SuiteActs.sol";
import {SuiteAttacks} from "./SuiteAttacks.sol";
import {SuiteBusiness} from "./SuiteBusiness.sol";
import {SuiteIntrusion} from "./SuiteIntrusion.sol";
import {SuitePayments} from "./SuitePayments.sol";
import {SuiteRobbery} from "./SuiteRobbery.sol";
import {SuiteThief} from "./SuiteThief.sol";
import {SuiteTrade} from "./SuiteTrade.sol";

/// @title What holds after every sequence of acts, honest and not
abstract contract SuiteChecks is SuiteActs {
    Currency private constant _CNY = Currency.wrap("CNY");

    SuitePayments internal business;
    SuiteRobbery internal thief;

    /// @notice The hard sentence: account, rule, weights, agreement, statement, ruling, booking, payment report, keys
    /// and reserved bodies answer as they did after the last act that honest signatures stood behind.
    function requireNothingHonestChanged() internal view {
        SuitePayments.Act memory changed = business.firstChange();
        vm.assertEq(changed.call_, "");
        vm.assertEq(changed.target, address(0));
    }

    /// @notice Every line that was ever booked, honest or not: its parts sum to what it adds or takes back.
    function requirePartsSumToTheGross() internal view {
        for (uint256 i = 0; i < business.bookedCount(); ++i) {
            Line memory line = business.bookedAt(i).proof.line;
            int64[] memory amounts = suite.book.amountsOf(heads.lineIdOf(line.key), line.tableId, line.tableVersion);
            int256 sum = 0;
            for (uint256 k = 0; k < amounts.length; ++k) {
                sum += amounts[k];
            }
            vm.assertTrue(sum == int256(uint256(line.gross)) - int256(uint256(line.baseGross)), "parts");
        }
    }

    /// @notice A line is final where honest signatures made it final, with the gross that honest corrections gave it;
    /// nothing that the thief booked is final anywhere.
    function requireFinalityIsHonest() internal view {
        for (uint256 i = 0; i < business.bookedCount(); ++i) {
            SuitePayments.Booked memory one = business.bookedAt(i);
            LineId lineId = heads.lineIdOf(one.proof.line.key);
            IDistributionTables.Finality memory finality = suite.tables.finalityOf(lineId);
            bool isHere =
                TableId.unwrap(finality.tableId) == TableId.unwrap(one.proof.line.tableId) &&
                    !(finality.tableVersion != one.proof.line.tableVersion);
            vm.assertTrue(isHere == one.isFinal, "final elsewhere, or not any more");
            vm.assertEq(finality.currentGross, business.grossOf(lineId), "gross moved");
            (bool isCollected, bool isCredited, ) = suite.payouts.lineState(lineId);
            vm.assertTrue(isCollected == business.isCollected(lineId), "collected");
            vm.assertTrue(!one.isCredited || isCredited, "credited");
        }
        for (uint256 i = 0; i < thief.junkCount(); ++i) {
            vm.assertFalse(thief.isJunkFinal(i));
        }
    }

    /// @notice No statement is settled twice for its component.
    function requireNoUnitSettledTwice() internal view {
        uint256[] memory times = new uint256[](suite.receipts.streamOf(business.streamId()).statements);
        for (uint256 i = 0; i < business.bookedCount(); ++i) {
            SuitePayments.Booked memory one = business.bookedAt(i);
            if (!one.isFinal || one.proof.line.basis != BasisKind.STATEMENTS) {
                continue;
            }
            for (uint256 s = one.ranges[0].firstIndex; s < one.ranges[0].nextIndex; ++s) {
                vm.assertEq(++times[s], 1, "settled twice");
            }
        }
    }

    /// @notice Net paid stays within what is final; what is paid is what payee or bank reported; over all tables, what
    /// is due to a payee less what it owes is what its final lines gave it; invented bodies are due nothing.
    function requireMoneyAddsUp() internal view {
        uint32 count = suite.book.tableCount();
        for (uint256 k = 0; k < 4; ++k) {
            BodyId payee = idOf(business.payees(k));
            int256 sum = -int256(uint256(suite.payouts.owedBy(payee, _CNY)));
            for (uint32 table = 1; table <= count; ++table) {
                IPayouts.Claim memory claim = business.claimOf(TableId.wrap(table), payee);
                vm.assertTrue(
                    uint256(claim.paid) + claim.pending + claim.held <= claim.finalized,
                    "more than is final"
                );
                vm.assertEq(claim.paid, business.netPaid(TableId.wrap(table), payee), "paid");
                sum += int256(uint256(claim.finalized));
            }
            vm.assertTrue(sum == business.due(payee), "due");
        }
        for (uint32 table = 1; table <= count; ++table) {
            vm.assertEq(business.claimOf(TableId.wrap(table), idOf("invented 0")).finalized, 0, "loot");
        }
    }

    /// @notice The log whose anchor key the thief has grew as it grew it, and was never rewritten.
    function requireLogOnlyGrew() internal view {
        (uint64 treeSize, bytes32 rootHash, bool closed, ) = suite.evidenceLog.head(business.stolenLog());
        vm.assertEq(treeSize, thief.treeSize(), "size");
        vm.assertTrue(treeSize == 0 || rootHash == thief.rootHash(), "root");
        vm.assertFalse(closed);
    }

    function requireAll() internal view {
        requireNothingHonestChanged();
        requirePartsSumToTheGross();
        requireFinalityIsHonest();
        requireNoUnitSettledTwice();
        requireMoneyAddsUp();
        requireLogOnlyGrew();
    }

    /// @notice Acts of the honest business.
    function workSelectors() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](28);
        selectors[0] = SuiteTrade.stateUsage.selector;
        selectors[1] = SuiteTrade.answerUsage.selector;
        selectors[2] = SuiteTrade.lapseAny.selector;
        selectors[3] = SuiteTrade.ruleOnUsage.selector;
        selectors[4] = SuiteTrade.closeCase.selector;
        selectors[5] = SuiteTrade.signWeights.selector;
        selectors[6] = SuiteTrade.restore.selector;
        selectors[7] = SuiteBusiness.openTable.selector;
        selectors[8] = SuiteBusiness.bookUsage.selector;
        selectors[9] = SuiteBusiness.bookFee.selector;
        selectors[10] = SuiteBusiness.bookRuling.selector;
        selectors[11] = SuiteBusiness.adjust.selector;
        selectors[12] = SuiteBusiness.creditNote.selector;
        selectors[13] = SuiteBusiness.proposeAndSign.selector;
        selectors[14] = SuiteBusiness.publish.selector;
        selectors[15] = SuiteBusiness.objectTo.selector;
        selectors[16] = SuiteBusiness.moveObjection.selector;
        selectors[17] = SuiteBusiness.advanceAny.selector;
        selectors[18] = SuiteBusiness.finalizeAny.selector;
        selectors[19] = SuiteBusiness.passTime.selector;
        selectors[20] = SuitePayments.collectAny.selector;
        selectors[21] = SuitePayments.creditAny.selector;
        selectors[22] = SuitePayments.freeze.selector;
        selectors[23] = SuitePayments.holdAny.selector;
        selectors[24] = SuitePayments.changeAccount.selector;
        selectors[25] = SuitePayments.instructAny.selector;
        selectors[26] = SuitePayments.reportAny.selector;
        selectors[27] = SuitePayments.setOffAny.selector;
    }

    /// @notice Acts of the thief; each of the first ten draws one of several functions.
    function attackSelectors() internal pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](12);
        selectors[0] = SuiteAttacks.attackTrade.selector;
        selectors[1] = SuiteAttacks.attackUsage.selector;
        selectors[2] = SuiteAttacks.attackDisputes.selector;
        selectors[3] = SuiteAttacks.attackRules.selector;
        selectors[4] = SuiteIntrusion.attackBodies.selector;
        selectors[5] = SuiteIntrusion.attackGovernance.selector;
        selectors[6] = SuiteIntrusion.attackLogs.selector;
        selectors[7] = SuiteRobbery.attackBook.selector;
        selectors[8] = SuiteRobbery.attackTables.selector;
        selectors[9] = SuiteRobbery.attackObjections.selector;
        selectors[10] = SuiteRobbery.attackMoney.selector;
        selectors[11] = SuiteThief.relayAgain.selector;
    }

    function _watch(SuitePayments business_, SuiteRobbery thief_) internal {
        (business, thief) = (business_, thief_);
        (suite, heads, disputeHeads) = business_.parts();
        // An impure cheat code: a test that uses one is not played again with traces when it fails, which would take
        // some 30 MB an act, 20 GB for a long life. What failed is said by its message.
        vm.envOr("CITYLEDGER_TRACE", false);
    }
}
