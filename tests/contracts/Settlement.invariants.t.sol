// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {BusinessActs} from "./helpers/Business.sol";
import {MoneyActs} from "./helpers/Money.sol";
import {Test} from "./helpers/Vm.sol";

/// @notice Here, because Hardhat finds the targets of invariants only in test files.
contract Business is MoneyActs {}

/// @notice What holds after every sequence of acts.
contract SettlementInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant _TABLES = 3;
    uint256 private constant _PAYEES = 2;
    uint256 private constant _ACTS = 16;

    Business private _business;

    function setUp() public {
        _business = new Business();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_business);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](16);
        selectors[0] = BusinessActs.bookUsage.selector;
        selectors[1] = BusinessActs.adjust.selector;
        selectors[2] = BusinessActs.correct.selector;
        selectors[3] = BusinessActs.proposeAndSign.selector;
        selectors[4] = BusinessActs.publishTable.selector;
        selectors[5] = BusinessActs.objectTo.selector;
        selectors[6] = BusinessActs.moveObjection.selector;
        selectors[7] = BusinessActs.passTime.selector;
        selectors[8] = BusinessActs.finalizeAny.selector;
        selectors[9] = MoneyActs.creditAny.selector;
        selectors[10] = MoneyActs.dispute.selector;
        selectors[11] = MoneyActs.instructAny.selector;
        selectors[12] = MoneyActs.reportAny.selector;
        selectors[13] = MoneyActs.platformAlone.selector;
        selectors[14] = MoneyActs.setOffAny.selector;
        selectors[15] = MoneyActs.liveALine.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_business), selectors);
    }

    /// @notice A fixed sequence does everything at least once: the invariants do not hold for want of acts.
    function test_aLongLife_doesEverything() public {
        // which arguments of each act are a yes or no, one bit an argument
        uint8[_ACTS] memory yesOrNo = [0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 8, 0, 4, 0, 0, 8];
        for (uint256 i = 0; i < 600; ++i) {
            uint256 act = uint256(keccak256(abi.encode("act", i))) % _ACTS;
            (bool success, bytes memory answer) = address(_business).call(
                abi.encodePacked(targetSelectors()[0].selectors[act], _words(i, yesOrNo[act]))
            );
            vm.assertTrue(success, string(answer));
        }
        string[_ACTS] memory names = [
            "bookUsage",
            "adjust",
            "correct",
            "proposeAndSign",
            "publishTable",
            "objectTo",
            "moveObjection",
            "passTime",
            "finalizeAny",
            "creditAny",
            "dispute",
            "instructAny",
            "reportAny",
            "platformAlone",
            "setOffAny",
            "liveALine"
        ];
        for (uint256 i = 0; i < _ACTS; ++i) {
            vm.assertTrue(_business.done(names[i]) != 0, string.concat("never done: ", names[i]));
        }
        vm.assertTrue(_business.done("correctionFinal") != 0, "never final: a correction");
        vm.assertTrue(_business.done("creditTogether") != 0, "never credited: a line with its corrections");
        vm.assertTrue(_business.done("setOff") != 0, "never set off: what a payee owes");
        vm.assertTrue(_business.done("creditRefused") != 0, "never refused: what a correction takes back");
        vm.assertTrue(_business.done("unitsRefused") != 0, "never refused: units that are settled");
        invariant_partsSumToTheGross();
        invariant_aFinalLineNeverChanges();
        invariant_noUnitIsSettledTwice();
        invariant_netPaidNeverExceedsFinalized();
        invariant_claimsSumToTheCreditedLines();
        invariant_whoOwesIsNotLockedOut();
    }

    /// @notice Over all payees, what is due less what is owed is what the credited lines added: nothing is lost or made
    /// by splitting, setting off and taking back.
    function invariant_partsSumToTheGross() public view {
        int256 sum = 0;
        for (uint256 payee = 0; payee < _PAYEES; ++payee) {
            sum += _dueLessOwed(payee);
        }
        vm.assertTrue(sum == _business.credited(), "parts do not sum to the gross");
    }

    /// @notice A line that is final stays final where it is, with the amounts it had.
    function invariant_aFinalLineNeverChanges() public view {
        for (uint256 i = 0; i < _business.bookedCount(); ++i) {
            (bool isFinal, bytes32 then, bytes32 now_) = _business.stateOf(i);
            vm.assertTrue(!isFinal || then == now_, "a final line changed");
            (uint256 gross, uint256 expected) = _business.grossAt(i);
            vm.assertEq(gross, expected, "gross moved without a final correction");
        }
    }

    /// @notice No statement is settled twice for one component.
    function invariant_noUnitIsSettledTwice() public view {
        for (uint256 statement = 0; statement < 640; ++statement) {
            vm.assertTrue(_business.settled(1, statement) < 2, "settled twice");
            vm.assertTrue(_business.settled(3, statement) < 2, "settled twice");
        }
    }

    /// @notice Net paid never exceeds what is final; and the claim says what was really reported and held.
    function invariant_netPaidNeverExceedsFinalized() public view {
        for (uint256 table = 1; table <= _TABLES; ++table) {
            for (uint256 payee = 0; payee < _PAYEES; ++payee) {
                IPayouts.Claim memory claim = _business.claimAt(table, payee);
                uint256 used = uint256(claim.paid) + claim.pending + claim.held;
                vm.assertTrue(used <= claim.finalized, "more than is final");
                vm.assertEq(claim.paid, _business.netPaid(table, payee));
                vm.assertEq(claim.held, _business.heldSum(table, payee));
            }
        }
    }

    /// @notice What is due in all tables, less what is owed, is what the credited lines sum to.
    function invariant_claimsSumToTheCreditedLines() public view {
        for (uint256 payee = 0; payee < _PAYEES; ++payee) {
            vm.assertTrue(_dueLessOwed(payee) == _business.due(payee), "claims differ from lines");
        }
    }

    /// @notice Whatever came before, a payee gets all that its claims have beyond what it owes, table by table, and
    /// still owes only what no claim has.
    function invariant_whoOwesIsNotLockedOut() public {
        for (uint256 payee = 0; payee < _PAYEES; ++payee) {
            (bool success, bytes memory reason) = address(_business).call(abi.encodeCall(MoneyActs.drain, (payee)));
            vm.assertTrue(!success && bytes4(reason) == MoneyActs.Drained.selector, "locked out");
            uint256[4] memory words;
            for (uint256 i = 0; i < 4; ++i) {
                words[i] = _word(reason, i);
            }
            (uint256 owed, uint256 due, uint256 instructed, uint256 owedAfter) = (
                words[0],
                words[1],
                words[2],
                words[3]
            );
            vm.assertEq(instructed, due > owed ? due - owed : 0, "not all that is left was paid");
            vm.assertEq(owedAfter, owed > due ? owed - due : 0, "owed although a claim has it");
        }
    }

    function _dueLessOwed(uint256 payee) private view returns (int256 sum) {
        sum = -int256(uint256(_business.owedBy(payee)));
        for (uint256 table = 1; table <= _TABLES; ++table) {
            sum += int256(uint256(_business.claimAt(table, payee).finalized));
        }
    }

    /// @dev Arguments of an act: small numbers, and zero or one where the act takes a yes or no.
    function _words(uint256 i, uint8 yesOrNo) private pure returns (bytes memory words) {
        for (uint256 k = 0; k < 5; ++k) {
            uint256 random = uint256(keccak256(abi.encode("word", i, k)));
            words = bytes.concat(words, abi.encode(random % ((yesOrNo >> k) & 1 == 1 ? 2 : 200)));
        }
    }

    /// @dev A word of an error's arguments.
    function _word(bytes memory reason, uint256 place) private pure returns (uint256 word) {
        for (uint256 i = 0; i < 32; ++i) {
            word = (word << 8) | uint8(reason[4 + 32 * place + i]);
        }
    }
}
