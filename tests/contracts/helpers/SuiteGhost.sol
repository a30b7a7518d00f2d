// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ICouncil} from "../../../contracts/interfaces/ICouncil.sol";
import {IDirectory} from "../../../contracts/interfaces/IDirectory.sol";
import {IEvidenceLog} from "../../../contracts/interfaces/IEvidenceLog.sol";
import {DisputeHarness} from "../../../contracts/mocks/DisputeHarness.sol";
import {IPayouts} from "../../../contracts/interfaces/IPayouts.sol";
import {BodyId, LineId, PayeeAccountId, PayoutId, TableId} from "../../../contracts/types/Ids.sol";
import {LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {RealSuite} from "./RealSuite.sol";
import {Heads, Suite} from "./SuiteActs.sol";

/// @title What honest signatures fixed, written down beside the chain
/// @notice A probe is a question to a contract (payee account, agreement, rule, weights, statement, booking, payout,
/// key, ...) and the answer it gave right after the honest act. Whatever answers differently later was changed without
/// an honest signature. What is decided by signatures and time together (a lapse, finality, a credit) anyone may
/// relay: it goes through the functions of {SuiteBusiness} whoever asks, which hold it against these books first.
abstract contract SuiteGhost is RealSuite {
    struct Probe {
        address target;
        bytes call_;
        bytes32 answer;
    }

    /// @dev A call that worked: what it is called here, and when it was made.
    struct Act {
        string name;
        address target;
        bytes call_;
        uint256 time;
    }

    /// @dev A line as it was booked in one version of a table.
    struct Booked {
        LineProof proof;
        StatementRange[] ranges;
        bool isFinal;
        bool isCredited;
    }

    struct Paid {
        IPayouts.Instruction instruction;
        bool isHonest;
    }

    /// @notice A log whose anchor key the thief has, and one whose key it has not.
    bytes32 public stolenLog;
    bytes32 public soundLog;

    error AlreadySetUp();

    /// @notice The platform whose keys were stolen, and the other one.
    string public stolen;
    string public sound;
    mapping(string name => uint256 count) public done;
    /// @notice Sum of all amounts credited to a payee.
    mapping(BodyId payee => int256 sum) public due;
    /// @notice What payee and bank reported as paid, less what they reported as returned.
    mapping(TableId tableId => mapping(BodyId payee => uint256 sum)) public netPaid;
    /// @notice Gross of a line after its last correction that became final.
    mapping(LineId lineId => uint256 gross) public grossOf;

    mapping(LineId lineId => bool byBank) public isCollected;
    /// @notice Who signed an account as its own.
    mapping(PayeeAccountId accountId => bytes32 payee) public accountOwner;

    Probe[] internal _probes;
    Act[] internal _acts;
    Booked[] internal _booked;
    Paid[] internal _paid;
    mapping(bytes32 question => uint256 placePlusOne) private _placeOf;

    /// @dev For the constructor of the handler, which is where it belongs: a second time would begin another history.
    function deploy() internal {
        super.setUp();
        stolenLog = openLog("stolen.cityledger.invalid", vm.addr(ANCHOR_KEY));
        soundLog = openLog("sound.cityledger.invalid", vm.addr(uint256(keccak256("another anchor key"))));
        _note(address(suite.evidenceLog), abi.encodeCall(IEvidenceLog.head, (soundLog)));
        _note(address(suite.evidenceLog), abi.encodeCall(IEvidenceLog.logState, (soundLog)));
        _note(address(suite.evidenceLog), abi.encodeCall(IEvidenceLog.logState, (stolenLog)));
        _note(address(council), abi.encodeCall(ICouncil.bodies, ()));
        _note(address(council), abi.encodeCall(ICouncil.threshold, ()));
        _note(address(council), abi.encodeCall(ICouncil.nonce, ()));
        _note(address(suite.directory), abi.encodeCall(IDirectory.names, ()));
        _note(address(suite.participants), abi.encodeCall(IAccessManaged.authority, ()));
    }

    /// @notice Refuses: see {deploy}.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    function parts() external view returns (Suite memory, Heads, DisputeHarness) {
        return (suite, heads, disputeHeads);
    }

    function probeCount() external view returns (uint256) {
        return _probes.length;
    }

    /// @notice The first question that is answered differently now; no call when there is none.
    function firstChange() external view returns (Act memory changed) {
        for (uint256 i = 0; i < _probes.length; ++i) {
            Probe storage probe = _probes[i];
            if (_ask(probe.target, probe.call_) != probe.answer) {
                return Act("", probe.target, probe.call_, block.timestamp);
            }
        }
    }

    function bookedCount() external view returns (uint256) {
        return _booked.length;
    }

    function bookedAt(uint256 which) external view returns (Booked memory) {
        return _booked[which];
    }

    function paidCount() external view returns (uint256) {
        return _paid.length;
    }

    function paidAt(uint256 which) external view returns (Paid memory) {
        return _paid[which];
    }

    function actCount() external view returns (uint256) {
        return _acts.length;
    }

    function actAt(uint256 which) external view returns (Act memory) {
        return _acts[which];
    }

    /// @notice A payout that the thief instructed with the platform's key: only ever the payee's own money, to the
    /// payee's own account. What it reissues is written down anew.
    function noteStolenPayout(IPayouts.Instruction calldata instruction) external {
        vm.assertTrue(
            isStolen(instruction.payee) || accountOwner[instruction.accountId] == BodyId.unwrap(instruction.payee),
            "a payout to an account that its payee never signed"
        );
        _notePayout(instruction, false);
    }

    /// @dev Makes a call with honest signatures. What succeeds is kept, so that the thief can relay it again.
    function _do(string memory name, address target, bytes memory call_) internal returns (bool success) {
        (success, ) = target.call(call_);
        if (success) {
            _keep(name, target, call_);
        }
    }

    /// @dev The same for what must succeed: without it there is no business.
    function _must(string memory name, address target, bytes memory call_) internal {
        vm.assertTrue(_do(name, target, call_), name);
    }

    /// @dev Makes a call that takes no signature: anybody's.
    function _relay(string memory name, address target, bytes memory call_) internal returns (bool success) {
        (success, ) = target.call(call_);
        if (success) {
            _keep(name, target, call_);
        }
    }

    function _keep(string memory name, address target, bytes memory call_) internal {
        ++done[name];
        _acts.push(Act(name, target, call_, block.timestamp));
    }

    /// @dev Writes down what the contract answers from now on.
    function _note(address target, bytes memory call_) internal {
        bytes32 question = keccak256(abi.encode(target, call_));
        bytes32 answer = _ask(target, call_);
        uint256 place = _placeOf[question];
        if (place == 0) {
            _probes.push(Probe(target, call_, answer));
            _placeOf[question] = _probes.length;
        } else {
            _probes[place - 1].answer = answer;
        }
    }

    function _notePayout(IPayouts.Instruction memory instruction, bool isHonest) internal {
        _paid.push(Paid(instruction, isHonest));
        // also where the thief is the payee: platforms and the operator report nothing of their own money
        _note(address(suite.payouts), abi.encodeCall(IPayouts.payoutOf, (instruction.payoutId)));
        if (PayoutId.unwrap(instruction.reissues) != 0) {
            _note(address(suite.payouts), abi.encodeCall(IPayouts.payoutOf, (instruction.reissues)));
        }
    }

    /// @notice Whether the thief has the keys of this body of the honest business.
    function isStolen(BodyId body) public view returns (bool) {
        bytes32 id = BodyId.unwrap(body);
        return id == BodyId.unwrap(idOf(stolen)) || id == BodyId.unwrap(idOf("operator"));
    }

    function _ask(address target, bytes memory call_) private view returns (bytes32) {
        (bool success, bytes memory answer) = target.staticcall(call_);
        return keccak256(abi.encode(success, answer));
    }
}
