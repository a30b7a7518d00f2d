"""Every step that an act can name is registered where calls are completed: by ``ledger.services.all_steps``, and by nothing else."""

import ast
import fnmatch
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.repository import ROOT

SERVICES = ROOT / "ledger" / "services"
HOME = {"steps.py", "acts.py", "all_steps.py"}
"""Where steps are made, passed on, and gathered."""

REGISTERED = "import json, ledger.services.all_steps as all_steps; print(json.dumps(sorted(all_steps.step_names())))"


def calls_of(tree: ast.AST, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name == function:
                yield node


def modules_that_register(folder: Path) -> set[str]:
    """Names of the modules that call ``register_step``."""
    found = set()
    for path in folder.rglob("*.py"):
        if path.name not in HOME and any(calls_of(ast.parse(path.read_text(encoding="utf-8")), "register_step")):
            found.add(".".join(path.relative_to(folder.parents[1]).with_suffix("").parts))
    return found


def imported_by(path: Path) -> set[str]:
    """Full names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def constants_of(tree: ast.Module) -> dict[str, str]:
    """The module's names for texts."""
    found = {}
    for node in tree.body:
        target = (
            node.target
            if isinstance(node, ast.AnnAssign)
            else node.targets[0]
            if isinstance(node, ast.Assign)
            else None
        )
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found[target.id] = node.value.value
    return found


def steps_named_in(folder: Path) -> set[str]:
    """What proposals of acts name as their step: a name, or how it begins, with ``*`` behind it."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))]
    constants = {name: text for tree in trees for name, text in constants_of(tree).items()}
    calls = [call for tree in trees for call in calls_of(tree, "propose_act")]
    return {named(next(k.value for k in call.keywords if k.arg == "step"), constants) for call in calls}


def named(step: ast.expr, constants: dict[str, str]) -> str:
    """The step that an expression names; one that is made up as it goes must at least begin with a text of its feature's own."""
    if isinstance(step, ast.Constant):
        return str(step.value)
    if isinstance(step, ast.Name) and step.id in constants:
        return constants[step.id]
    first = step.values[0] if isinstance(step, ast.JoinedStr) else step.left if isinstance(step, ast.BinOp) else step
    begins = first.value if isinstance(first, ast.Constant) else constants.get(getattr(first, "id", ""), "")
    assert isinstance(begins, str), ast.unparse(step)
    assert begins.endswith("."), f"a step is named {ast.unparse(step)}: nobody can tell whether it is registered"
    return f"{begins}*"


def registered() -> set[str]:
    """As in a process of its own, which imports nothing else."""
    done = subprocess.run([sys.executable, "-c", REGISTERED], cwd=ROOT, capture_output=True, text=True, check=True)
    names = ast.literal_eval(done.stdout)
    return set(names)


def test_every_module_that_registers_steps_is_imported_where_calls_are_completed() -> None:
    assert modules_that_register(SERVICES) <= imported_by(SERVICES / "all_steps.py")


def test_every_step_that_a_proposal_names_is_registered() -> None:
    known = registered()
    unknown = [name for name in steps_named_in(SERVICES) if not fnmatch.filter(known, name)]
    assert unknown == []


def test_anchor_service_knows_steps_by_that_module_alone() -> None:
    users = {path.name for path in (ROOT / "anchor").glob("*.py") if "ledger.services.all_steps" in imported_by(path)}
    assert users == {"call_rows.py"}


@pytest.fixture
def feature(tmp_path: Path) -> Path:
    """A feature that registers one step and proposes acts for two."""
    folder = tmp_path / "ledger" / "services"
    folder.mkdir(parents=True)
    text = 'STEP = "thing.done"\nregister_step(STEP, None)\npropose_act(uow, s, a, step=STEP)\npropose_act(uow, s, a, step="thing.other")\npropose_act(uow, s, a, step=f"thing.{n}")\n'
    (folder / "thing.py").write_text(text, encoding="utf-8")
    return folder


def test_checks_see_what_a_feature_does(feature: Path) -> None:
    assert modules_that_register(feature) == {"ledger.services.thing"}
    assert steps_named_in(feature) == {"thing.done", "thing.other", "thing.*"}


def test_check_refuses_a_step_that_is_made_up_as_it_goes(feature: Path) -> None:
    (feature / "other.py").write_text('propose_act(uow, s, a, step=f"{kind}.done")\n', encoding="utf-8")
    with pytest.raises(AssertionError, match="nobody can tell"):
        steps_named_in(feature)
