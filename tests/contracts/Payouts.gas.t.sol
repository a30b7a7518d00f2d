// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayeeAccounts} from "../../contracts/interfaces/IPayeeAccounts.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {BodyId, LineId, PayoutId} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PayBasis} from "../../contracts/types/Terms.sol";
import {Cooling} from "./helpers/Cooling.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {PayoutsFixture} from "./helpers/PayoutsFixture.sol";

/// @title Gas of every function of `Payouts`, and the size of its code
/// @notice Each on objects of its own and with everything cold, as in a transaction of its own. Tables are the real
/// ones; book, disputes and registry are stubs with the real checks; the real ones read a few slots more.
contract PayoutsGasTest is PayoutsFixture, GasGolden {
    uint16 private constant _HELD = 500;
    uint16[4] private _counts = [1, 10, 50, 250];
    LineProof[4] private _lines;
    LineProof private _correction;
    LineProof private _held;
    LineProof private _many;
    LineProof private _manyLess;

    function setUp() public override {
        super.setUp();
        string[3] memory payees = ["provider", "holder", "consumer"];
        for (uint256 i = 0; i < 3; ++i) {
            signFirstAccount(payees[i], "account");
        }
        changeAccount("consumer", 2, "second account");
        for (uint256 i = 0; i < 4; ++i) {
            _lines[i] = _book(_counts[i], _counts[i]);
        }
        _bookMany();
        LineProof memory original = usageLine(TABLE_1, V1, _HELD, 100_000);
        bookLine(original, true);
        _correction = correctionLine(TABLE_2, original, _HELD + 1, 50_000, 100_000);
        LineProof memory more = usageLine(TABLE_2, V1, _HELD + 2, 100_000);
        bookLine(_correction, true);
        bookLine(more, true);
        publishedTable(TABLE_1, V1);
        publishAndWait(TABLE_2);
        for (uint256 i = 0; i < 4; ++i) {
            finalize(_lines[i]);
        }
        finalize(_many);
        finalize(_manyLess);
        finalize(original);
        credit(original);
        finalize(_correction);
        finalize(more);
        credit(more);
        _held = original;
        disputes.freeze(lineIdOf(original.line), idOf("holder"), 1000);
        for (uint256 i = 1; i < 4; ++i) {
            instruct(instructionFor("provider", PayoutId.wrap(bytes32(i)), 1000, NONE));
        }
        report(PayoutId.wrap(bytes32(uint256(3))), IPayouts.PayoutStatus.CONFIRMED, "bank");
        instruct(instructionFor("provider", payoutIdOf("back"), 1000, NONE));
        report(payoutIdOf("back"), IPayouts.PayoutStatus.REJECTED, "bank");
    }

    function test_gasAndSize_areTheGoldenOnes() public {
        _recordCredits();
        _recordPayouts();
        _recordAccounts();
        _recordViews();
        record("bytes_of_payouts", address(payouts).code.length);
        requireGoldens("Payouts");
    }

    function _recordCredits() private {
        for (uint256 i = 0; i < 4; ++i) {
            string memory name = string.concat("credit_", vm.toString(_counts[i]), "_recipients");
            _record(name, abi.encodeCall(IPayouts.credit, (only(_lines[i]))));
        }
        // the dearest credit but one: each further correction that nobody credited costs as much again
        LineProof[] memory chain = both(_many, _manyLess);
        _record("credit_250_recipients_and_a_correction_at_once", abi.encodeCall(IPayouts.credit, (chain)));
        _record("credit_correction_of_2_recipients", abi.encodeCall(IPayouts.credit, (only(_correction))));
        _record("updateHold", abi.encodeCall(IPayouts.updateHold, (_held, 1)));
        PartySignature memory party = signPayout(headOfCollection(LineId.wrap("line")), "bank", FINANCE);
        _record(
            "recordCollection",
            abi.encodeCall(IPayouts.recordCollection, (LineId.wrap("line"), "statement", party))
        );
    }

    function _recordPayouts() private {
        IPayouts.Instruction memory one = instructionFor("provider", payoutIdOf("new"), 1000, NONE);
        PartySignature memory party = signPayout(headOfInstruction(one), "trading", BUSINESS);
        _record("instruct", abi.encodeCall(IPayouts.instruct, (one, party)));
        one = instructionFor("provider", payoutIdOf("again"), 1000, payoutIdOf("back"));
        party = signPayout(headOfInstruction(one), "trading", BUSINESS);
        _record("instruct_reissue", abi.encodeCall(IPayouts.instruct, (one, party)));
        _recordReport("report_confirmed", 1, IPayouts.PayoutStatus.CONFIRMED);
        _recordReport("report_rejected", 2, IPayouts.PayoutStatus.REJECTED);
        _recordReport("report_returned", 3, IPayouts.PayoutStatus.RETURNED);
        IPayouts.Rewards memory rewards = rewardsOf("provider", 1000);
        bytes memory head = headOfRewards(rewards);
        (PartySignature memory payee, PartySignature memory auditor) = (
            signPayout(head, "provider", FINANCE),
            signPayout(head, "auditor", BUSINESS)
        );
        _record("fixRewards", abi.encodeCall(IPayouts.fixRewards, (rewards, payee, auditor)));
    }

    function _recordAccounts() private {
        PartySignature[] memory signatures = new PartySignature[](1);
        signatures[0] = signPayout(headOfAccount("stranger", 1, "account"), "stranger", FINANCE);
        _record(
            "signAccount_first",
            abi.encodeCall(IPayeeAccounts.signAccount, (idOf("stranger"), 1, "account", signatures))
        );
        signatures = bothKeys("holder", 2, "second account");
        _record(
            "signAccount_change",
            abi.encodeCall(IPayeeAccounts.signAccount, (idOf("holder"), 2, "second account", signatures))
        );
        PartySignature memory party = signPayout(headOfCancellation("consumer", 2), "consumer", FINANCE);
        _record("cancelAccount", abi.encodeCall(IPayeeAccounts.cancelAccount, (idOf("consumer"), 2, FINANCE, party)));
    }

    function _recordViews() private {
        BodyId holder = idOf("holder");
        LineId lineId = lineIdOf(_held.line);
        _record("claimOf", abi.encodeCall(IPayouts.claimOf, (claimIdOf(TABLE_1, "holder"))));
        _record("claimIdOf", abi.encodeCall(IPayouts.claimIdOf, (TABLE_1, holder, CNY)));
        _record("owedBy", abi.encodeCall(IPayouts.owedBy, (holder, CNY)));
        _record("lineState", abi.encodeCall(IPayouts.lineState, (lineId)));
        _record("heldOf", abi.encodeCall(IPayouts.heldOf, (lineId, holder)));
        _record("payoutOf", abi.encodeCall(IPayouts.payoutOf, (payoutIdOf("new"))));
        _record("setOff_of_nothing", abi.encodeCall(IPayouts.setOff, (TABLE_1, holder, CNY)));
        _record("accountAt", abi.encodeCall(IPayeeAccounts.accountAt, (holder, block.timestamp)));
        _record("accountVersion", abi.encodeCall(IPayeeAccounts.accountVersion, (holder, 1)));
        _record("accountVersions", abi.encodeCall(IPayeeAccounts.accountVersions, (holder)));
        _record("coolingPeriod", abi.encodeCall(IPayeeAccounts.coolingPeriod, ()));
        recordPartyViews(address(payouts));
    }

    function _recordReport(string memory name, uint256 number, IPayouts.PayoutStatus status) private {
        PayoutId payoutId = PayoutId.wrap(bytes32(number));
        PartySignature memory party = signPayout(headOfReport(payoutId, status), "bank", FINANCE);
        _record(name, abi.encodeCall(IPayouts.report, (payoutId, status, "statement", party)));
    }

    function _record(string memory name, bytes memory call_) private {
        address[5] memory all = [address(payouts), address(tables), address(book), address(stub), address(disputes)];
        for (uint256 i = 0; i < 5; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
        recordGas(name, address(payouts), call_);
    }

    /// @dev A line of 250 recipients, and one that halves it.
    function _bookMany() private {
        _many = _book(251, 250);
        _manyLess = correctionLine(TABLE_2, _many, 252, 12_500, 25_000);
        _manyLess.recipients = _many.recipients;
        int64[] memory amounts = new int64[](250);
        for (uint256 i = 0; i < 250; ++i) {
            amounts[i] = -50;
        }
        book.bookLine(_manyLess, amounts, PayBasis.ACCRUED, true);
    }

    /// @dev A line for so many recipients, none of whom has a claim yet.
    function _book(uint16 ordinal, uint16 count) private returns (LineProof memory proof) {
        proof = usageLine(TABLE_1, V1, ordinal, uint64(count) * 100);
        proof.recipients = new BodyId[](count);
        int64[] memory amounts = new int64[](count);
        for (uint256 i = 0; i < count; ++i) {
            proof.recipients[i] = BodyId.wrap(keccak256(abi.encode("payee", ordinal, i)));
            amounts[i] = 100;
        }
        book.bookLine(proof, amounts, PayBasis.ACCRUED, true);
    }
}
