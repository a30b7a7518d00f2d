// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IPayouts} from "../../contracts/interfaces/IPayouts.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId, TableVersion} from "../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../contracts/types/Lines.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {BasisKind, Component, Part, Recipient} from "../../contracts/types/Terms.sol";
import {GasGolden} from "./helpers/GasGolden.sol";
import {SuiteGhost} from "./helpers/SuiteGhost.sol";
import {SuitePayments} from "./helpers/SuitePayments.sol";

/// @notice The usual life, with ten recipients in two parts of three components, and everything it did handed out.
contract TenRecipients is SuitePayments {
    constructor() SuitePayments("trading", "authorisation") {}

    /// @notice Lines of ten recipients over one to four statements, in a table that has lines already.
    function bookMore() external {
        bookStatements("bookLine_before", 2, 0, 1, 999);
        bookStatements("bookLine_10_recipients_1_statement", 2, 0, 1, 12_345);
        bookStatements("bookLine_10_recipients_2_statements", 2, 0, 2, 12_345);
        // nine units are left for nine of the ten: the dearest split
        bookStatements("bookLine_10_recipients_2_statements_9_units_left", 2, 0, 2, 9_999);
        bookStatements("bookLine_10_recipients_3_statements", 2, 0, 3, 12_345);
        // the fourth still waits for an answer, which is too late by now
        lapseAny(3);
        bookStatements("bookLine_10_recipients_4_statements", 2, 0, 4, 12_345);
        Line memory line = newLine(2, Component.USAGE_SHARE);
        StatementRange[] memory ranges = new StatementRange[](1);
        ranges[0] = StatementRange(streamId, 0, 2);
        (line.basis, line.basisHash) = (BasisKind.STATEMENTS, keccak256(abi.encode(ranges)));
        (line.gross, line.tableVersion) = (12_345, TableVersion.wrap(7));
        book("bookLine_10_recipients_2_statements_first_of_version_7", line, ranges);
    }

    /// @notice Two final lines in a table of their own: of one every recipient's amount is frozen, of the other one
    /// recipient's by as many as can, both parties, a regulator and four recipients.
    function creditFrozen() external {
        uint64 first = suite.receipts.streamOf(streamId).statements;
        stateUsage(4_999, true);
        stateUsage(4_999, true);
        openTable(true);
        bookStatements("bookLine_frozen", 3, first, 1, 4_999);
        bookStatements("bookLine_frozen", 3, first + 1, 1, 4_999);
        proposeAndSign(3, true);
        uint256 count = _booked.length;
        for (uint256 i = 0; i < 2; ++i) {
            SuiteGhost.Booked memory one = _booked[count - 2 + i];
            bytes memory call_ = abi.encodeCall(IDistributionTables.finalizeLine, (one.proof, one.ranges));
            _must("finalizeLine", address(suite.tables), call_);
            collectLine(one.proof.line);
        }
        for (uint256 place = 0; place < 10; ++place) {
            _freeze(_booked[count - 2].proof.line, 0, place, "consumer");
        }
        _freeze(_booked[count - 1].proof.line, 0, 9, "consumer");
        _freeze(_booked[count - 1].proof.line, 0, 9, "regulator");
        uint256 byRecipients = 0;
        for (uint256 place = 0; byRecipients < 4; ++place) {
            string memory name = _nameAt(place);
            if (BodyId.unwrap(idOf(name)) != BodyId.unwrap(idOf("provider"))) {
                _freeze(_booked[count - 1].proof.line, place, 9, name);
                ++byRecipients;
            }
        }
        if (BodyId.unwrap(idOf(_nameAt(9))) != BodyId.unwrap(idOf("provider"))) {
            _freeze(_booked[count - 1].proof.line, 0, 9, "provider");
        }
        // what is owed from the credit note comes off the claims of the first table, so that something is left to hold
        for (uint256 place = 0; place < 10; ++place) {
            bytes memory call_ = abi.encodeCall(IPayouts.setOff, (tableOf(0), recipients()[place].recipient, CNY));
            _must("setOff", address(suite.payouts), call_);
        }
        _credit("credit_10_recipients_all_frozen", _booked[count - 2].proof);
        _credit("credit_10_recipients_one_frozen_by_seven", _booked[count - 1].proof);
        _requireHeld(_booked[count - 2].proof, 10);
        _requireHeld(_booked[count - 1].proof, 1);
    }

    function acts() external view returns (Act[] memory) {
        return _acts;
    }

    /// @notice Five of each part, ascending by id, in equal shares.
    function recipients() public pure override returns (Recipient[] memory entries) {
        entries = new Recipient[](10);
        for (uint256 i = 0; i < 10; ++i) {
            Recipient memory entry = Recipient(_recipient(i), Part(i / 5), 200_000, 0, 1_000_000);
            uint256 place = i;
            uint256 first = (i / 5) * 5;
            while (place > first && _isBelow(entry.recipient, entries[place - 1].recipient)) {
                entries[place] = entries[place - 1];
                --place;
            }
            entries[place] = entry;
        }
    }

    function _admitRecipients() internal override {
        for (uint256 i = 2; i < 10; ++i) {
            if (i != 5) {
                join(string.concat("recipient ", vm.toString(i)), BodyRoles.DATA_HOLDER);
            }
        }
    }

    function _freeze(Line memory line, uint256 opener, uint256 payee, string memory name) private {
        IDisputes.DisputeCase memory case_;
        (case_.agreementId, case_.nonce) = (AGREEMENT, suite.disputes.caseCount(AGREEMENT, idOf(name)));
        (case_.subject, case_.lineId) = (IDisputes.Subject.LINE, lineIdOf(line));
        (case_.frozenPayee, case_.frozenAmount) = (recipients()[payee].recipient, 10);
        (case_.reviewAt, case_.groundsDigest) = (uint64(block.timestamp) + MAX_FREEZE, REASON);
        IDisputes.CaseProof memory proof = IDisputes.CaseProof(
            line.key,
            bookingTerms(),
            componentProof(line.key.component),
            opener,
            payee
        );
        PartySignature memory party = signed(suite.disputes, disputeHeads.headOfCase(case_), name, BUSINESS);
        _must("open_freeze", address(suite.disputes), abi.encodeCall(IDisputes.open, (case_, proof, party)));
    }

    function _requireHeld(LineProof memory proof, uint256 expected) private view {
        uint256 count = 0;
        for (uint256 i = 0; i < 10; ++i) {
            count += suite.payouts.heldOf(lineIdOf(proof.line), proof.recipients[i]) == 0 ? 0 : 1;
        }
        vm.assertEq(count, expected, "not held");
    }

    function _credit(string memory name, LineProof memory proof) private {
        LineProof[] memory proofs = new LineProof[](1);
        proofs[0] = proof;
        _must(name, address(suite.payouts), abi.encodeCall(IPayouts.credit, (proofs)));
    }

    function _nameAt(uint256 place) private pure returns (string memory name) {
        BodyId recipient = recipients()[place].recipient;
        for (uint256 i = 0; i < 10; ++i) {
            if (BodyId.unwrap(_recipient(i)) == BodyId.unwrap(recipient)) {
                return _name(i);
            }
        }
    }

    function _recipient(uint256 place) private pure returns (BodyId) {
        return idOf(_name(place));
    }

    function _name(uint256 place) private pure returns (string memory) {
        return
            place == 0
                ? "holder"
                : place == 1
                    ? "authorisation"
                    : place == 5
                        ? "provider"
                        : string.concat("recipient ", vm.toString(place));
    }

    function _isBelow(BodyId a, BodyId b) private pure returns (bool) {
        return BodyId.unwrap(a) < BodyId.unwrap(b);
    }
}

/// @title Gas over the real contracts: registry, agreements, rules, receipts and disputes are what is deployed
/// @notice One life is lived and taken back, then every act of it is made again as a transaction of its own (`isolate`:
/// everything cold, refunds left out). What happened more than once counts by its dearest time.
contract SuiteGasTest is GasGolden {
    error Rehearsed(SuiteGhost.Act[] acts);

    TenRecipients private _life;
    SuiteGhost.Act[] private _acts;
    string[] private _names;
    mapping(string name => uint256 gas) private _dearest;

    function setUp() public {
        _life = new TenRecipients();
        uint256 begin = block.timestamp;
        try this.rehearse() {
            vm.assertTrue(false, "not taken back");
        } catch (bytes memory reason) {
            _store(reason);
        }
        vm.warp(begin);
    }

    /// @notice Lives the life, and takes it back by handing it out as an error.
    function rehearse() external {
        uint256 before = _life.actCount();
        _life.live();
        _life.bookMore();
        _life.creditFrozen();
        SuiteGhost.Act[] memory all = _life.acts();
        SuiteGhost.Act[] memory lived = new SuiteGhost.Act[](all.length - before);
        for (uint256 i = 0; i < lived.length; ++i) {
            lived[i] = all[before + i];
        }
        revert Rehearsed(lived);
    }

    /// hardhat-config: isolate = true
    function test_gasOverTheRealContracts_isTheGoldenOneAndUnderTheBars() public {
        for (uint256 i = 0; i < _acts.length; ++i) {
            SuiteGhost.Act memory act = _acts[i];
            vm.warp(act.time);
            (bool success, ) = act.target.call(act.call_);
            vm.assertTrue(success, act.name);
            _count(act.name, vm.lastCallGas().gasTotalUsed);
        }
        for (uint256 i = 0; i < _names.length; ++i) {
            record(_names[i], _dearest[_names[i]]);
        }
        requireGoldens("Suite");
        uint256 acknowledged = _dearest["stateAcknowledged"];
        vm.assertTrue(acknowledged != 0 && acknowledged < 150_000, "an acknowledged statement costs too much");
        string[9] memory lines = [
            "bookUsage",
            "bookFee",
            "bookRuling",
            "bookLine_before",
            "bookLine_10_recipients_1_statement",
            "bookLine_10_recipients_2_statements",
            "bookLine_10_recipients_3_statements",
            "bookLine_10_recipients_4_statements",
            "bookLine_10_recipients_2_statements_first_of_version_7"
        ];
        for (uint256 i = 0; i < lines.length; ++i) {
            vm.assertTrue(_dearest[lines[i]] != 0 && _dearest[lines[i]] < 250_000, lines[i]);
        }
    }

    function _count(string memory name, uint256 gas_) private {
        if (_dearest[name] == 0) {
            _names.push(name);
        }
        if (gas_ > _dearest[name]) {
            _dearest[name] = gas_;
        }
    }

    function _store(bytes memory reason) private {
        bytes memory words = new bytes(reason.length - 4);
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = reason[i + 4];
        }
        SuiteGhost.Act[] memory lived = abi.decode(words, (SuiteGhost.Act[]));
        for (uint256 i = 0; i < lived.length; ++i) {
            _acts.push(lived[i]);
        }
    }
}
