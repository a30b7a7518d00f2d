// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {StubAgreements} from "../../../contracts/mocks/StubAgreements.sol";
import {StubBook} from "../../../contracts/mocks/StubBook.sol";
import {StubDisputes} from "../../../contracts/mocks/StubDisputes.sol";
import {DistributionTables} from "../../../contracts/DistributionTables.sol";
import {IDigitalContractRegistry} from "../../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDistributionTables} from "../../../contracts/interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "../../../contracts/interfaces/IRevenueSettlement.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {AgreementId, BodyId, Currency, LineId, ObjectionId} from "../../../contracts/types/Ids.sol";
import {PeriodId, StreamId, TableId, TableVersion} from "../../../contracts/types/Ids.sol";
import {Line, LineProof, StatementRange} from "../../../contracts/types/Lines.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {BasisKind, Component, LineKey, PayBasis} from "../../../contracts/types/Terms.sol";
import {PartiesFixture} from "./Parties.sol";
import {deployed} from "./Deployed.sol";

/// @notice The tables over these contracts, with these times in seconds.
function deployedTables(
    IParticipantRegistry participants,
    IDigitalContractRegistry agreements,
    IRevenueSettlement book,
    uint32 windowFloor,
    uint32 answerSeconds,
    uint32 reviewSeconds
) returns (DistributionTables) {
    bytes memory arguments = abi.encode(participants, agreements, book, windowFloor, answerSeconds, reviewSeconds);
    return DistributionTables(deployed("DistributionTables", arguments));
}

/// @title Tables with lines, from booking to finality
/// @notice The trading platform proposes, the authorisation platform signs second. Heads are spelled out here from the
/// type strings, not taken from the contracts' libraries.
abstract contract SettlementFixture is PartiesFixture {
    string internal constant TABLES = "CityLedger DistributionTables";
    Currency internal constant CNY = Currency.wrap("CNY");
    PeriodId internal constant PERIOD = PeriodId.wrap(202611);
    TableId internal constant TABLE_1 = TableId.wrap(1);
    TableId internal constant TABLE_2 = TableId.wrap(2);
    TableVersion internal constant V1 = TableVersion.wrap(1);
    TableVersion internal constant V2 = TableVersion.wrap(2);
    StreamId internal constant STREAM = StreamId.wrap("stream");
    uint32 internal constant FLOOR = 3 days;
    uint32 internal constant ANSWER = 5 days;
    uint32 internal constant REVIEW = 4 days;
    string internal constant TAIL = "bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)";

    StubBook internal book;
    StubAgreements internal agreements;
    StubDisputes internal disputes;
    DistributionTables internal tables;

    function setUp() public virtual override {
        super.setUp();
        admit("trading", BodyRoles.TRADING_PLATFORM);
        admit("authorisation", BodyRoles.AUTHORISATION_PLATFORM);
        admit("auditor", BodyRoles.AUDITOR);
        admit("second auditor", BodyRoles.AUDITOR);
        admit("arbitrator", BodyRoles.ARBITRATOR);
        admit("regulator", BodyRoles.REGULATOR);
        admit("operator", BodyRoles.OPERATOR);
        admit("bank", BodyRoles.BANK);
        admit("provider", BodyRoles.PROVIDER);
        admit("consumer", BodyRoles.CONSUMER);
        admit("holder", BodyRoles.DATA_HOLDER);
        admit("stranger", BodyRoles.PROVIDER);
        book = StubBook(deployed("StubBook", ""));
        agreements = StubAgreements(deployed("StubAgreements", abi.encode(idOf("provider"), idOf("consumer"))));
        disputes = StubDisputes(deployed("StubDisputes", ""));
        tables = deployedTables(
            registry(),
            IDigitalContractRegistry(address(agreements)),
            IRevenueSettlement(address(book)),
            FLOOR,
            ANSWER,
            REVIEW
        );
        openTable(TABLE_1, "trading");
        openTable(TABLE_2, "trading");
    }

    function openTable(TableId tableId, string memory proposer) internal {
        book.openTable(tableId, IRevenueSettlement.Table(idOf(proposer), PERIOD, CNY));
    }

    /// @notice A usage line for the provider and the holder; charges for statements 10 n to 10 n + 9.
    function usageLine(
        TableId tableId,
        TableVersion version,
        uint16 n,
        uint64 gross
    ) internal pure returns (LineProof memory proof) {
        proof.line.key = LineKey(AgreementId.wrap("agreement"), Component.USAGE_SHARE, PERIOD, CNY, n);
        (proof.line.tableId, proof.line.tableVersion) = (tableId, version);
        proof.line.basis = BasisKind.STATEMENTS;
        proof.line.basisHash = keccak256(abi.encode(rangesOf(n)));
        proof.line.weightsRevision = 1;
        proof.line.gross = gross;
        proof.recipients = new BodyId[](2);
        (proof.recipients[0], proof.recipients[1]) = (idOf("provider"), idOf("holder"));
    }

    /// @notice A line that makes another one's gross `gross` instead of `baseGross`, by a credit note.
    function correctionLine(
        TableId tableId,
        LineProof memory original,
        uint16 n,
        uint64 gross,
        uint64 baseGross
    ) internal pure returns (LineProof memory proof) {
        proof = usageLine(tableId, V1, n, gross);
        proof.line.basis = BasisKind.CREDIT_NOTE;
        proof.line.basisHash = keccak256(abi.encode("note", n));
        proof.line.corrects = lineIdOf(original.line);
        proof.line.baseGross = baseGross;
    }

    function rangesOf(uint16 n) internal pure returns (StatementRange[] memory ranges) {
        ranges = new StatementRange[](1);
        ranges[0] = StatementRange(STREAM, uint64(n) * 10, uint64(n) * 10 + 10);
    }

    function noRanges() internal pure returns (StatementRange[] memory) {
        return new StatementRange[](0);
    }

    /// @notice Books a line; the provider gets three quarters of what it adds, the holder the rest.
    function bookLine(LineProof memory proof, bool isPublic) internal returns (LineId) {
        int64 sum = int64(proof.line.gross) - int64(proof.line.baseGross);
        int64[] memory amounts = new int64[](2);
        amounts[0] = (sum * 3) / 4;
        amounts[1] = sum - amounts[0];
        return book.bookLine(proof, amounts, PayBasis.ACCRUED, isPublic);
    }

    function lineIdOf(Line memory line) internal pure returns (LineId) {
        return LineId.wrap(keccak256(abi.encode(keccak256("cityledger/v1/line"), line.key)));
    }

    function proposalOf(
        TableId tableId,
        TableVersion version
    ) internal view returns (IDistributionTables.Proposal memory) {
        IRevenueSettlement.VersionBook memory lines = book.versionBook(tableId, version);
        return
            IDistributionTables.Proposal(
                tableId,
                version,
                lines.lineCount,
                lines.linesDigest,
                FLOOR,
                keccak256("calendar")
            );
    }

    function propose(IDistributionTables.Proposal memory proposal, string memory proposer) internal {
        tables.propose(proposal, signTable(headOfTable(proposal), proposer));
    }

    function publish(IDistributionTables.Proposal memory proposal, string memory publisher) internal {
        tables.recordPublication(proposal, "publication", signTable(headOfPublication(proposal), publisher));
    }

    /// @notice Proposed and signed by the two platforms.
    function signedTable(
        TableId tableId,
        TableVersion version
    ) internal returns (IDistributionTables.Proposal memory proposal) {
        proposal = proposalOf(tableId, version);
        propose(proposal, "trading");
        tables.sign(proposal, signTable(headOfTable(proposal), "authorisation"));
    }

    /// @notice Proposed, signed, published twice: its window begins now.
    function publishedTable(
        TableId tableId,
        TableVersion version
    ) internal returns (IDistributionTables.Proposal memory proposal) {
        proposal = signedTable(tableId, version);
        publish(proposal, "trading");
        publish(proposal, "authorisation");
    }

    function object(
        LineProof memory proof,
        uint64 amount,
        string memory objector
    ) internal returns (ObjectionId objectionId) {
        bytes memory head = headOfObjection(proof, amount);
        return tables.object(proof, amount, "grounds", signTable(head, objector));
    }

    function answer(ObjectionId objectionId, bool upheld) internal {
        bytes memory head = headOfAnswer(objectionId, upheld);
        tables.answerObjection(
            objectionId,
            upheld,
            "answer",
            signTable(head, "trading"),
            signTable(head, "authorisation")
        );
    }

    function signTable(bytes memory head, string memory name) internal view returns (PartySignature memory) {
        return sign(TABLES, address(tables), head, name, BUSINESS);
    }

    function headOfTable(IDistributionTables.Proposal memory p) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "DistributionTable(uint32 tableId,uint16 tableVersion,uint32 period,bytes3 currency,uint16 lineCount,"
                "bytes28 linesDigest,uint32 windowSeconds,bytes32 calendarDigest,",
                TAIL
            )
        );
        return
            abi.encode(
                typeHash,
                p.tableId,
                p.tableVersion,
                PERIOD,
                CNY,
                p.lineCount,
                p.linesDigest,
                p.windowSeconds,
                p.calendarDigest
            );
    }

    function headOfPublication(IDistributionTables.Proposal memory p) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf(
            "Publication(uint32 tableId,uint16 tableVersion,bytes28 linesDigest,bytes32 publicationDigest,"
        );
        return abi.encode(typeHash, p.tableId, p.tableVersion, p.linesDigest, bytes32("publication"));
    }

    function headOfObjection(LineProof memory proof, uint64 amount) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf(
            "Objection(uint32 tableId,uint16 tableVersion,bytes32 lineId,uint64 amount,bytes32 groundsDigest,"
        );
        Line memory line = proof.line;
        return abi.encode(typeHash, line.tableId, line.tableVersion, lineIdOf(line), amount, bytes32("grounds"));
    }

    function headOfAnswer(ObjectionId objectionId, bool upheld) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf("ObjectionAnswer(bytes32 objectionId,bool upheld,bytes32 answerDigest,");
        return abi.encode(typeHash, objectionId, upheld, bytes32("answer"));
    }

    function headOfReviewRequest(ObjectionId objectionId) internal pure returns (bytes memory) {
        return
            abi.encode(
                typeHashOf("ReviewRequest(bytes32 objectionId,bytes32 groundsDigest,"),
                objectionId,
                bytes32("grounds")
            );
    }

    function headOfDecision(ObjectionId objectionId, bool upheld) internal pure returns (bytes memory) {
        bytes32 typeHash = typeHashOf("ReviewDecision(bytes32 objectionId,bool upheld,bytes32 decisionDigest,");
        return abi.encode(typeHash, objectionId, upheld, bytes32("decision"));
    }

    function headOfWithdrawal(ObjectionId objectionId) internal pure returns (bytes memory) {
        return
            abi.encode(
                typeHashOf("ObjectionWithdrawal(bytes32 objectionId,bytes32 reasonDigest,"),
                objectionId,
                bytes32("reason")
            );
    }

    function typeHashOf(string memory fields) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(fields, TAIL));
    }
}
