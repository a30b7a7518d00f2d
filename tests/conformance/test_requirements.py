"""Every requirement of the sources about contracts, products, bodies, orders, access, catalogue and spaces has its row, and every row says the truth.

The rules of ``requirements.toml`` are one function from rows to findings, so that each rule is tried here with a row that breaks it.
What the rows are compared with in ``../shared`` is the list itself; ids, words and tests are checked without it.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.repository import ROOT
from support.shared import shared_path

FILE = Path(__file__).with_name("requirements.toml")
LATER = {"delivery", "settlement", "consortium", "bundles", "console"}
LEVELS = {"must", "should", "desc"}
STATUSES = ("open", "later", "out_of_scope")
FIELDS = {"level", "says", "note", "test", *STATUSES}
# first and last id of Part A and of Part B of the list
RANGES = {
    "contract registry": (("A", 1, 38), ("B", 1, 13)),
    "product registry": (("A", 39, 57), ("B", 14, 15)),
    "participant registry": (("A", 58, 73), ("B", 16, 16)),
    "orders": (("A", 74, 83), ("B", 17, 18)),
    "identity/access": (("A", 228, 245), ("B", 44, 50)),
    "catalog/demand hall": (("A", 246, 259),),
    "cross-space interop": (("A", 264, 278), ("B", 52, 57)),
}
DESIGN_SECTIONS = 10

Rows = dict[str, dict[str, dict[str, Any]]]


def ids_of(component: str) -> list[str]:
    return [
        f"{part}{number:0{3 if part == 'A' else 2}}"
        for part, first, last in RANGES[component]
        for number in range(first, last + 1)
    ]


def read() -> tuple[Rows, int]:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    open_rows = tables.pop("OPEN_ROWS")
    return tables, open_rows


@cache
def names_in(path: Path) -> frozenset[str]:
    """Names of the tests of one file that show something, those of a class as ``Class::name``: one that may be skipped does not.

    Skipped by a mark, in its body, or in a fixture or helper; only what needs ``../shared`` may be, and says so by its marker.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sol":
        return frozenset(re.findall(r"^    function ((?:test|invariant)\w*)\(", text, re.MULTILINE))
    tree = ast.parse(text)
    conftests = [folder / "conftest.py" for folder in path.parents if (folder / "conftest.py").is_file()]
    mentions = [*_mentions_of_support(), *(one for file in conftests for one in _mentions_in(file)), *_mentions(tree)]
    may_skip = _reaching({"skip", "skipif", "importorskip", "xfail", "SkipTest"}, mentions)
    needs_shared = _reaching({"shared_path"}, mentions)
    pytestmark = "".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign))
    names = set()
    for node in tree.body:
        scopes = [("", node)]
        if isinstance(node, ast.ClassDef):
            scopes = [(f"{node.name}::", child) for child in node.body]
        for prefix, each in scopes:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name.startswith("test_"):
                mentioned = _mentioned(each)
                says_so = "mark.shared" in pytestmark + "".join(map(ast.unparse, each.decorator_list))
                if not mentioned & may_skip and (says_so or not mentioned & needs_shared):
                    names.add(prefix + each.name)
    return frozenset(names)


Mentions = tuple[set[str], set[str]]
"""Names that a statement makes, and those that it mentions."""


@cache
def _mentions_of_support() -> tuple[Mentions, ...]:
    """Of ``tests/support``, but for the one that looks for ``../shared``."""
    files = [file for file in sorted((ROOT / "tests/support").glob("**/*.py")) if file.name != "shared.py"]
    return tuple(one for file in files for one in _mentions_in(file))


@cache
def _mentions_in(file: Path) -> tuple[Mentions, ...]:
    return _mentions(ast.parse(file.read_text(encoding="utf-8")))


def _mentions(tree: ast.Module) -> tuple[Mentions, ...]:
    """Of functions and values at the top of a file."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(({node.name}, _mentioned(node)))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            found.append((made, _mentioned(node)))
    return tuple(found)


def _reaching(names: set[str], mentions: list[Mentions]) -> set[str]:
    """These names, and those of everything that mentions one of them, however indirectly."""
    found = set(names)
    while more := {name for made, seen in mentions if seen & found for name in made} - found:
        found |= more
    return found


def _mentioned(node: ast.AST) -> set[str]:
    """Names in a piece of code: of values, attributes, arguments (which may be fixtures), and fixtures that a mark names."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            found.add(one.id)
        elif isinstance(one, ast.Attribute):
            found.add(one.attr)
        elif isinstance(one, ast.arg):
            found.add(one.arg)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "usefixtures":
            found |= {each.value for each in one.args if isinstance(each, ast.Constant)}
    return found


@cache
def long_names_in(path: Path) -> frozenset[str]:
    """Names of the tests of one file that are marked ``long``, which the default check leaves out."""
    if path.suffix == ".sol":
        return frozenset()
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_all = "".join(
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign) and _names(node) == {"pytestmark"}
    )
    for node in tree.body:
        scopes = [("", of_all, node)]
        if isinstance(node, ast.ClassDef):
            of_class = of_all + "".join(map(ast.unparse, node.decorator_list))
            scopes = [(f"{node.name}::", of_class, child) for child in node.body]
        for prefix, outer, each in scopes:
            if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if "mark.long" in outer + "".join(map(ast.unparse, each.decorator_list)):
                names.add(prefix + each.name)
    return frozenset(names)


def _names(node: ast.Assign) -> set[str]:
    return {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}


def is_long(name: str) -> bool:
    path, _, test = name.partition("::")
    return test in long_names_in(ROOT / path)


def finding_of_test(name: str) -> str | None:
    path, _, test = name.partition("::")
    if not re.fullmatch(r"tests/[\w/.]+\.(py|sol)", path):
        return "is not named tests/<file>::<name>"
    if not (ROOT / path).is_file():
        return "has no such file"
    return None if test in names_in(ROOT / path) else "has no such test in its file"


def findings_of_row(row: dict[str, Any]) -> list[str]:
    found = [f"has the unknown field {field}" for field in sorted(row.keys() - FIELDS)]
    found += [f"says nothing in {field}" for field in ("says", "note", *STATUSES) if not row.get(field, "-").strip()]
    if row.get("level") not in LEVELS or "says" not in row:
        found.append("has no level or no text")
    statuses = [status for status in STATUSES if status in row]
    tests = row.get("test", [])
    tests = [tests] if isinstance(tests, str) else tests
    if len(statuses) > 1:
        found.append(f"is {' and '.join(statuses)} at once")
    if not statuses and not tests:
        found.append("names no test and no reason")
    if "out_of_scope" in row and tests:
        found.append("is out of scope and has tests")
    if "later" in row and row["later"] not in LATER:
        found.append("is later than any part of the design")
    if "out_of_scope" in row and row.get("level") == "must":
        section = re.search(r"\bdesign section (\d+)\b", row["out_of_scope"])
        if not section or not 1 <= int(section[1]) <= DESIGN_SECTIONS:
            found.append("must be met, and no design section excludes it")
    found += [f"is shown by {name}, which {why}" for name in tests if (why := finding_of_test(name))]
    if len(set(tests)) < len(tests):
        found.append("names a test twice")
    if tests and not any(map(finding_of_test, tests)) and all(map(is_long, tests)):
        found.append("is shown by tests marked long alone")
    return found


def findings(rows: Rows, open_rows: int) -> list[str]:
    """What is wrong with the rows, one sentence a finding."""
    found = [f"unknown component {component}" for component in rows if component not in RANGES]
    for component in RANGES:
        expected, actual = ids_of(component), list(rows.get(component, {}))
        found += [f"{name} of {component} is missing" for name in expected if name not in actual]
        found += [f"{name} is no requirement of {component}" for name in actual if name not in expected]
    each = [(name, row) for component in rows.values() for name, row in component.items()]
    found += [f"{name} {finding}" for name, row in each for finding in findings_of_row(row)]
    counted = sum("open" in row for _, row in each)
    if counted != open_rows:
        found.append(f"{counted} rows are open, OPEN_ROWS says {open_rows}")
    return found


def test_requirements_rows_are_complete_and_true() -> None:
    assert findings(*read()) == []


def test_requirements_file_keeps_the_order_of_the_list() -> None:
    rows, _ = read()
    assert {component: list(rows[component]) for component in rows} == {name: ids_of(name) for name in RANGES}


@pytest.mark.shared
def test_requirements_rows_are_those_of_the_list() -> None:
    listed: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in RANGES}
    component = ""
    for line in shared_path("reference/requirements.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            component = line.removeprefix("### ")
        elif component in listed and re.match(r"\| [AB]\d+ \|", line):
            name, _, says, level, _ = (cell.strip() for cell in line.strip("|").split("|"))
            listed[component][name] = (level, says)
    rows, _ = read()
    assert {
        name: {i: (row["level"], row["says"]) for i, row in component.items()} for name, component in rows.items()
    } == listed


SHOWN = "tests/conformance/test_requirements.py::test_requirements_rows_are_complete_and_true"
LONG = "tests/e2e/test_public_tiles_client.py::test_public_client_finds_the_log_of_all_real_events_whole"
TEXT = {"level": "must", "says": "Something"}


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ({}, "names no test and no reason"),
        ({"test": []}, "names no test and no reason"),
        ({"test": SHOWN, "proof": "x"}, "has the unknown field proof"),
        ({"test": SHOWN, "level": "may"}, "has no level or no text"),
        ({"open": " "}, "says nothing in open"),
        ({"open": "much", "later": "delivery"}, "is open and later at once"),
        ({"later": "sometime"}, "is later than any part of the design"),
        ({"out_of_scope": "we would rather not"}, "must be met, and no design section excludes it"),
        ({"out_of_scope": "design section 11"}, "must be met, and no design section excludes it"),
        ({"out_of_scope": "design section 2", "test": SHOWN}, "is out of scope and has tests"),
        ({"test": [SHOWN, SHOWN]}, "names a test twice"),
        ({"test": LONG}, "is shown by tests marked long alone"),
        ({"test": LONG, "later": "delivery"}, "is shown by tests marked long alone"),
        ({"test": SHOWN + "_not"}, f"is shown by {SHOWN}_not, which has no such test in its file"),
        ({"test": SHOWN + "[case]"}, f"is shown by {SHOWN}[case], which has no such test in its file"),
        (
            {"test": "tests/conformance/test_requirements.py::findings"},
            "is shown by tests/conformance/test_requirements.py::findings, which has no such test in its file",
        ),
        ({"test": "tests/nowhere.py::test_a"}, "is shown by tests/nowhere.py::test_a, which has no such file"),
        ({"test": "by hand"}, "is shown by by hand, which is not named tests/<file>::<name>"),
        (
            {"test": "tests/../ledger/log.py::test_a"},
            "is shown by tests/../ledger/log.py::test_a, which has no such file",
        ),
    ],
)
def test_requirements_row_that_breaks_a_rule_is_found(row: dict[str, Any], finding: str) -> None:
    assert findings_of_row(TEXT | row) == [finding]


@pytest.mark.parametrize(
    "row",
    [
        {"test": SHOWN},
        {"test": [SHOWN], "note": "for now"},
        {"test": [LONG, SHOWN]},
        {"test": "tests/contracts/ProductRegistry.t.sol::test_list_ofPublicDataWithoutFiling_isRefused"},
        {"test": SHOWN, "later": "delivery"},
        {"test": SHOWN, "open": "the rest"},
        {"out_of_scope": "excluded by design section 10"},
        {"out_of_scope": "nobody asks for it", "level": "desc"},
    ],
)
def test_requirements_row_that_keeps_the_rules_is_not_found(row: dict[str, Any]) -> None:
    assert findings_of_row(TEXT | row) == []


def test_requirements_rows_missing_added_or_miscounted_are_found() -> None:
    rows, _ = read()
    open_rows = sum("open" in row for component in rows.values() for row in component.values())
    del rows["participant registry"]["B16"]
    rows["product registry"]["A058"] = TEXT | {"later": "delivery"}
    rows["metering"] = {}
    is_open = "open" in read()[0]["participant registry"]["B16"]
    assert findings(rows, open_rows + 2) == [
        "unknown component metering",
        "A058 is no requirement of product registry",
        "B16 of participant registry is missing",
        f"{open_rows - is_open} rows are open, OPEN_ROWS says {open_rows + 2}",
    ]


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        ("def test_a(): pytest.skip('no')", False),
        ("def look(): pytest.importorskip('x')\n\ndef test_a(): look()", False),
        ("@pytest.fixture\ndef data(): pytest.skip('no')\n\ndef test_a(data): ...", False),
        (
            "@pytest.fixture\ndef data(): pytest.skip('no')\n\n@pytest.mark.usefixtures('data')\ndef test_a(): ...",
            False,
        ),
        ("def test_a(): shared_path('x')", False),
        ("@pytest.mark.shared\ndef test_a(): shared_path('x')", True),
        ("pytestmark = pytest.mark.shared\nX = shared_path('x')\n\ndef test_a(): print(X)", True),
        ("X = shared_path('x')\n\ndef test_a(): print(X)", False),
        ("@pytest.mark.shared\ndef test_a(): pytest.skip('another reason')", False),
        ("def look(): pytest.skip('no')\n\ndef test_a(): ...", True),
    ],
)
def test_tests_that_skip_themselves_show_nothing_unless_they_say_that_they_need_shared(
    tmp_path: Path, body: str, shows: bool
) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(f"import pytest\n\n{body}\n", encoding="utf-8")
    assert names_in(path) == ({"test_a"} if shows else set())


def test_tests_that_are_marked_long_are_known_wherever_the_mark_stands(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(
        "import pytest\n\n@pytest.mark.long\ndef test_a(): ...\n\ndef test_b(): ...\n\n"
        "@pytest.mark.long\nclass TestC:\n    def test_d(self): ...\n",
        encoding="utf-8",
    )
    assert long_names_in(path) == {"test_a", "TestC::test_d"}
    of_all = tmp_path / "test_others.py"
    of_all.write_text("import pytest\n\npytestmark = [pytest.mark.long]\n\ndef test_a(): ...\n", encoding="utf-8")
    assert long_names_in(of_all) == {"test_a"}


def test_tests_that_are_marked_to_be_skipped_show_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text(
        "import pytest\n\n@pytest.mark.skip\ndef test_a(): ...\n\n@pytest.mark.skipif(True)\ndef test_b(): ...\n\n"
        "class TestC:\n    def test_d(self): ...\n    def help(self): ...\n\ndef test_e(): ...\n",
        encoding="utf-8",
    )
    assert names_in(path) == {"TestC::test_d", "test_e"}
