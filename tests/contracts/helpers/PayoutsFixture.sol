// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Payouts} from "../../../contracts/Payouts.sol";
import {IDisputes} from "../../../contracts/interfaces/IDisputes.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {IRevenueSettlement} from "../../../contracts/interfaces/IRevenueSettlement.sol";
import {ClaimId, LineId, PayeeAccountId, PayoutId, TableId} from "../../../contracts/types/Ids.sol";
import {LineProof} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind} from "../../../contracts/types/Terms.sol";
import {SettlementFixture} from "./Settlement.sol";
import {deployed} from "./Deployed.sol";

/// @title Final lines, accounts and payouts
/// @notice Heads are spelled out here from the type strings, not taken from the contracts' libraries.
abstract contract PayoutsFixture is SettlementFixture {
    string internal constant PAYOUTS = "CityLedger Payouts";
    uint32 internal constant COOLING = 7 days;
    PayoutId internal constant NONE = PayoutId.wrap(0);

    Payouts internal payouts;

    function setUp() public virtual override {
        super.setUp();
        payouts = Payouts(
            deployed(
                "Payouts",
                abi.encode(registry(), IRevenueSettlement(address(book)), tables, IDisputes(address(disputes)), COOLING)
            )
        );
    }

    /// @notice A line of 1000 in table 1, final and credited: 750 for the provider, 250 for the holder.
    function creditedLine() internal returns (LineProof memory proof) {
        proof = finalLine();
        credit(proof);
    }

    function credit(LineProof memory proof) internal {
        payouts.credit(only(proof));
    }

    function finalLine() internal returns (LineProof memory proof) {
        proof = usageLine(TABLE_1, V1, 0, 1000);
        bookLine(proof, true);
        publishAndWait(TABLE_1);
        finalize(proof);
    }

    function publishAndWait(TableId tableId) internal {
        publishedTable(tableId, V1);
        vm.warp(block.timestamp + FLOOR + 1);
    }

    function finalize(LineProof memory proof) internal {
        bool isMetered = proof.line.basis == BasisKind.STATEMENTS;
        tables.finalizeLine(proof, isMetered ? rangesOf(proof.line.key.ordinal) : noRanges());
    }

    function signFirstAccount(string memory name, bytes32 digest) internal returns (PayeeAccountId) {
        PartySignature[] memory signatures = new PartySignature[](1);
        signatures[0] = signPayout(headOfAccount(name, 1, digest), name, FINANCE);
        return payouts.signAccount(idOf(name), 1, digest, signatures);
    }

    function changeAccount(string memory name, uint32 version, bytes32 digest) internal returns (PayeeAccountId) {
        return payouts.signAccount(idOf(name), version, digest, bothKeys(name, version, digest));
    }

    function bothKeys(
        string memory name,
        uint32 version,
        bytes32 digest
    ) internal view returns (PartySignature[] memory signatures) {
        bytes memory head = headOfAccount(name, version, digest);
        signatures = new PartySignature[](2);
        signatures[0] = signPayout(head, name, FINANCE);
        signatures[1] = signPayout(head, name, BUSINESS);
    }

    function instructionFor(
        string memory payee,
        PayoutId payoutId,
        uint64 amount,
        PayoutId reissues
    ) internal view returns (IPayouts.Instruction memory) {
        uint256 time = PayoutId.unwrap(reissues) == 0 ? tables.versionOf(TABLE_1, V1).proposedAt : block.timestamp;
        (PayeeAccountId accountId, ) = payouts.accountAt(idOf(payee), time);
        return
            IPayouts.Instruction(
                payoutId,
                TABLE_1,
                idOf(payee),
                CNY,
                amount,
                accountId,
                idOf("bank"),
                "instruction",
                reissues
            );
    }

    function instruct(IPayouts.Instruction memory instruction) internal {
        payouts.instruct(instruction, signPayout(headOfInstruction(instruction), "trading", BUSINESS));
    }

    function report(PayoutId payoutId, IPayouts.PayoutStatus status, string memory reporter) internal {
        payouts.report(payoutId, status, "statement", signPayout(headOfReport(payoutId, status), reporter, FINANCE));
    }

    function claimOf(TableId tableId, string memory payee) internal view returns (IPayouts.Claim memory) {
        return payouts.claimOf(claimIdOf(tableId, payee));
    }

    function claimIdOf(TableId tableId, string memory payee) internal pure returns (ClaimId) {
        return ClaimId.wrap(keccak256(abi.encode(keccak256("cityledger/v1/claim"), tableId, idOf(payee), CNY)));
    }

    function only(LineProof memory proof) internal pure returns (LineProof[] memory proofs) {
        proofs = new LineProof[](1);
        proofs[0] = proof;
    }

    function both(LineProof memory first, LineProof memory second) internal pure returns (LineProof[] memory proofs) {
        proofs = new LineProof[](2);
        (proofs[0], proofs[1]) = (first, second);
    }

    function requireClaim(
        TableId tableId,
        string memory payee,
        uint64 finalized,
        uint64 paid,
        uint64 pending,
        uint64 held
    ) internal view {
        IPayouts.Claim memory claim = claimOf(tableId, payee);
        vm.assertEq(claim.finalized, finalized, "finalized");
        vm.assertEq(claim.paid, paid, "paid");
        vm.assertEq(claim.pending, pending, "pending");
        vm.assertEq(claim.held, held, "held");
    }

    function signPayout(
        bytes memory head,
        string memory name,
        uint8 purpose
    ) internal view returns (PartySignature memory) {
        return sign(PAYOUTS, address(payouts), head, name, purpose);
    }

    function refuse(bytes memory call_, bytes memory refusal) internal {
        (bool success, bytes memory answer_) = address(payouts).call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer_, refusal);
    }

    function headOfAccount(string memory payee, uint32 version, bytes32 digest) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf("PayeeAccount(bytes32 payee,uint32 version,bytes32 accountDigest,");
        return abi.encode(typeHash, idOf(payee), version, digest);
    }

    function headOfCancellation(string memory payee, uint32 version) internal pure returns (bytes memory) {
        return abi.encode(typeHashOf("PayeeAccountCancellation(bytes32 payee,uint32 version,"), idOf(payee), version);
    }

    function headOfCollection(LineId lineId) internal pure returns (bytes memory) {
        return
            abi.encode(typeHashOf("Collection(bytes32 lineId,bytes32 statementDigest,"), lineId, bytes32("statement"));
    }

    function headOfInstruction(IPayouts.Instruction memory i) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf(
            "PayoutInstruction(bytes32 payoutId,uint32 tableId,bytes32 payee,bytes3 currency,uint64 amount,"
            "bytes32 accountId,bytes32 bank,bytes32 instructionDigest,bytes32 reissues,"
        );
        return
            bytes.concat(
                abi.encode(typeHash, i.payoutId, i.tableId, i.payee, i.currency, i.amount),
                abi.encode(i.accountId, i.bank, i.instructionDigest, i.reissues)
            );
    }

    function headOfReport(PayoutId payoutId, IPayouts.PayoutStatus status) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf("PayoutReport(bytes32 payoutId,uint8 status,bytes32 statementDigest,");
        return abi.encode(typeHash, payoutId, uint8(status), bytes32("statement"));
    }

    function headOfRewards(IPayouts.Rewards memory r) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf(
            "RewardRoot(uint32 tableId,bytes32 payee,bytes3 currency,bytes32 rewardRoot,uint64 total,uint32 count,"
        );
        return abi.encode(typeHash, r.tableId, r.payee, r.currency, r.rewardRoot, r.total, r.count);
    }

    function rewardsOf(string memory payee, uint64 total) internal pure returns (IPayouts.Rewards memory) {
        return IPayouts.Rewards(TABLE_1, idOf(payee), CNY, "root", total, 12);
    }

    function payoutIdOf(string memory name) internal pure returns (PayoutId) {
        return PayoutId.wrap(keccak256(bytes(name)));
    }
}
