"""The oracle and the telemetry share no code with what they judge, nor with each other."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]

MAY_IMPORT = {
    "oracle": {"gphoton_db.errors", "gphoton_db.aspect.pointing", "tests.oracle"},
    "telemetry": {"gphoton_db.mission", "gphoton_db.aspect.pointing", "tests.telemetry"},
}


def imported(module: Path) -> set[str]:
    tree = ast.walk(ast.parse(module.read_text()))
    return {node.module for node in tree if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("folder", list(MAY_IMPORT))
def test_ours_are_imported_only_where_harmless(folder: str) -> None:
    modules = [m for m in (TESTS / folder).glob("*.py") if not m.name.startswith("test_")]
    assert len(modules) > 5
    for module in modules:
        ours = {n for n in imported(module) if n.split(".")[0] in ("gphoton_db", "tests")}
        strange = {n for n in ours if not n.startswith(tuple(MAY_IMPORT[folder]))}
        assert not strange, module.name
