"""The oracle and the simulator share no code with what they judge, nor with each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "tests/oracle": {"gphoton_db.errors", "gphoton_db.aspect.pointing", "tests.oracle"},
    "gphoton_db/simulate": {
        "gphoton_db.errors",
        "gphoton_db.mission",
        "gphoton_db.paths",
        "gphoton_db.aspect.pointing",
        "gphoton_db.calibration.identity",
        "gphoton_db.progress",
        "gphoton_db.simulate",
        "gphoton_db.system.cores",
        "gphoton_db.system.durable",
        "gphoton_db.times",
    },
}


def imported(module: Path) -> set[str]:
    tree = ast.walk(ast.parse(module.read_text()))
    return {node.module for node in tree if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("folder", list(MAY_IMPORT))
def test_ours_are_imported_only_where_harmless(folder: str) -> None:
    modules = [m for m in (ROOT / folder).rglob("*.py") if not m.name.startswith("test_")]
    assert len(modules) > 5
    for module in modules:
        ours = {n for n in imported(module) if n.split(".")[0] in ("gphoton_db", "tests")}
        strange = {n for n in ours if not n.startswith(tuple(MAY_IMPORT[folder]))}
        assert not strange, module.name
