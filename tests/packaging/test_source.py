"""Rules of the source that no linter checks: what kernels import, sizes, what is committed."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.packaging.repository import (
    FOLDERS,
    committed_files,
    imported_names,
    python_files,
    shown,
)

PACKAGE_FOLDERS = tuple(FOLDERS.values())

MODULE_LINES = 300
FUNCTION_LINES = 40
"""Docstrings, which grow with the number of parameters, are not counted."""

LONGER: dict[str, int] = {
    # Public methods, each with its parameters, units and errors; their bodies are one call.
    "gphoton_db/archive.py": 2380,
    # A command's signature lists its options, and its body hands each of them on by name.
    "gphoton_db/cli/flares.py:flares": 60,
    "gphoton_db/cli/variables.py:variables": 60,
    "gphoton_db/cli/ingest.py:ingest": 60,
    "gphoton_db/cli/lightcurve.py:lightcurve": 60,
    "gphoton_db/cli/qa.py:qa": 50,
    "gphoton_db/cli/run.py:run": 92,
}
"""Exceptions, each with its reason: "folder/module.py" or "folder/module.py:function" -> lines."""

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "stuff"}

KERNELS_MAY_IMPORT = re.compile(
    r"(numpy|numba|math|heapq|typing|collections\.abc)(\..*)?|gphoton_db\.mission(\..*)?|gphoton_db\.(.+\.)?kernels(\..*)?"
)
"""A list of what is allowed, which a contract of import-linter cannot be."""

INDEX_HOST = re.compile(r"pypi\.org|pythonhosted\.org|(?:extra-)?index-url\s*=|/simple/?\s")
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:work|root|opt|mnt|home|tmp/dev)/\w|/Users/\w|file:///\w")


def kernel_modules() -> list[Path]:
    return [path for path in python_files(*PACKAGE_FOLDERS) if "kernels" in path.parts]


def test_there_are_kernels_to_be_checked() -> None:
    assert kernel_modules()


@pytest.mark.parametrize("module", kernel_modules(), ids=shown)
def test_kernels_import_arrays_and_nothing_else(module: Path) -> None:
    names = set(imported_names(module))
    assert [name for name in sorted(names) if not KERNELS_MAY_IMPORT.fullmatch(name)] == []


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements; to walk through their expressions too takes four times as long."""
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        for each in getattr(node, name, ()):
            yield each
            yield from statements_in(each)


@cache
def sizes() -> tuple[tuple[str, int, int], ...]:
    """Return the name, the lines and the limit of every module and function."""
    return tuple(_sizes())


def _sizes() -> Iterator[tuple[str, int, int]]:
    for module in python_files(*PACKAGE_FOLDERS, "benchmarks", "tests"):
        text = module.read_text("utf-8")
        yield shown(module), text.count("\n"), MODULE_LINES
        for node in statements_in(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{shown(module)}:{node.name}", lines_of(node), FUNCTION_LINES


def test_modules_and_functions_are_short() -> None:
    too_long = {name: n for name, n, limit in sizes() if n > LONGER.get(name, limit)}
    assert too_long == {}


def test_every_exception_to_the_limits_is_still_needed() -> None:
    needed = {name for name, n, limit in sizes() if n > limit}
    assert set(LONGER) - needed == set()


def test_no_module_has_a_vague_name() -> None:
    modules = python_files(*PACKAGE_FOLDERS, "benchmarks", "tests")
    assert [shown(m) for m in modules if VAGUE_NAMES & {m.stem, m.parent.name}] == []


@pytest.mark.parametrize("pattern", [INDEX_HOST, MACHINE_PATH], ids=["index", "machine"])
def test_no_committed_file_names_a_package_index_or_a_path_of_one_machine(
    pattern: re.Pattern[str],
) -> None:
    found = [
        f"{shown(path)}:{number}: {line.strip()}"
        for path in committed_files()
        for number, line in enumerate(path.read_text("utf-8", "ignore").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (INDEX_HOST, "https://" + "pypi" + ".org/project/x"),
        (INDEX_HOST, "--index" + "-url=https://mirror.example/x"),
        (INDEX_HOST, "url = https://mirror.example/" + "simple/ x"),
        (MACHINE_PATH, "see /" + "work/shared"),
        (MACHINE_PATH, "x @ file:/" + "//src/x"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)
