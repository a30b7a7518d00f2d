// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SplitHarness} from "../../contracts/mocks/SplitHarness.sol";
import {BodyId, LineId} from "../../contracts/types/Ids.sol";
import {Part, PartWeights, Recipient} from "../../contracts/types/Terms.sol";
import {Test, Vm} from "./helpers/Vm.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @notice Arrays out of JSON.
interface JsonArrays {
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);

    function parseJsonIntArray(string calldata json, string calldata key) external pure returns (int256[] memory);
}

/// @title The split against exact rationals: 10,000 random cases and the corners, made by `ledger/domain/split.py`
/// @notice `scripts/split_vectors.py` says how the files are to be read.
contract SplitVectorsTest is Test {
    uint256 private constant _RANDOM_CASES = 10_000;
    JsonArrays private constant _JSON = JsonArrays(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    /// @param next Where the next case's entries begin.
    struct Cases {
        uint256[] counts;
        uint256[] gross;
        uint256[] baseGross;
        uint256[] partWeights;
        uint256[] parts;
        uint256[] recipients;
        uint256[] shares;
        int256[] amounts;
        uint256 firstLine;
        uint256 next;
    }

    SplitHarness private _harness;
    uint32[] private _agreed;

    function setUp() public {
        _harness = SplitHarness(deployed("SplitHarness", ""));
    }

    function test_everyCase_splitsAsTheRationalsSay() public view {
        Vm.DirEntry[] memory files = vm.readDir("./tests/vectors/split", 1);
        uint256 judged = 0;
        uint256 corners = 0;
        for (uint256 i = 0; i < files.length; ++i) {
            // a call of its own: its memory is given back
            uint256 count = this.judgeFile(files[i].path);
            judged += count;
            corners += count < 1000 ? count : 0;
        }
        vm.assertEq(judged - corners, _RANDOM_CASES);
        vm.assertTrue(corners > 20);
    }

    function judgeFile(string calldata path) external view returns (uint256 count) {
        return _judgeAll(_read(vm.readFile(path)));
    }

    function _judgeAll(Cases memory cases) private view returns (uint256 count) {
        count = cases.counts.length;
        for (uint256 number = 0; number < count; ++number) {
            _judge(cases, number);
            cases.next += cases.counts[number];
        }
        vm.assertEq(cases.next, cases.amounts.length, "entries that belong to no case");
    }

    function _judge(Cases memory cases, uint256 number) private view {
        (uint256[] memory weights, BodyId[] memory bodies) = _flatten(cases, number);
        LineId lineId = LineId.wrap(bytes32(cases.firstLine + number));
        uint64[] memory corrected = _harness.split(uint64(cases.gross[number]), weights, lineId, bodies);
        uint64[] memory base = _harness.split(uint64(cases.baseGross[number]), weights, lineId, bodies);
        for (uint256 i = 0; i < bodies.length; ++i) {
            int256 amount = int256(uint256(corrected[i])) - int256(uint256(base[i]));
            vm.assertTrue(amount == cases.amounts[cases.next + i], vm.toString(uint256(LineId.unwrap(lineId))));
        }
    }

    function _flatten(
        Cases memory cases,
        uint256 number
    ) private view returns (uint256[] memory weights, BodyId[] memory bodies) {
        PartWeights memory partWeights = PartWeights(
            uint32(cases.partWeights[3 * number]),
            uint32(cases.partWeights[3 * number + 1]),
            uint32(cases.partWeights[3 * number + 2])
        );
        return _harness.flatten(partWeights, _entriesOf(cases, number), _agreed);
    }

    function _entriesOf(Cases memory cases, uint256 number) private pure returns (Recipient[] memory entries) {
        entries = new Recipient[](cases.counts[number]);
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 place = cases.next + i;
            BodyId body = BodyId.wrap(bytes32(cases.recipients[place]));
            entries[i] = Recipient(body, Part(cases.parts[place]), uint32(cases.shares[place]), 0, 1_000_000);
        }
    }

    function _read(string memory json) private pure returns (Cases memory cases) {
        cases.counts = _JSON.parseJsonUintArray(json, ".counts");
        cases.gross = _JSON.parseJsonUintArray(json, ".gross");
        cases.baseGross = _JSON.parseJsonUintArray(json, ".base_gross");
        cases.partWeights = _JSON.parseJsonUintArray(json, ".part_weights");
        cases.parts = _JSON.parseJsonUintArray(json, ".parts");
        cases.recipients = _JSON.parseJsonUintArray(json, ".recipients");
        cases.shares = _JSON.parseJsonUintArray(json, ".shares");
        cases.amounts = _JSON.parseJsonIntArray(json, ".amounts");
        cases.firstLine = vm.parseJsonUint(json, ".first_line");
    }
}
