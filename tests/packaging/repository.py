"""The repository as its tests see it: folders, packages, files."""

import ast
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

FOLDERS: dict[str, str] = PYPROJECT["tool"]["setuptools"]["package-dir"]
"""Import name of each top-level package to its folder in the repository's root."""

PACKAGES: list[str] = PYPROJECT["tool"]["setuptools"]["packages"]

CACHES = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")


def source_files(root: Path = ROOT) -> dict[str, Path]:
    """Return what belongs into the wheel: name in it to path below `root`.

    Caches do not, nor does a folder's README.
    """
    files = {}
    for package, folder in FOLDERS.items():
        for path in sorted((root / folder).rglob("*")):
            left_out = "__pycache__" in path.parts or path.name == "README.md"
            if path.is_file() and not left_out:
                inside = path.relative_to(root / folder).as_posix()
                files[f"{package.replace('.', '/')}/{inside}"] = path
    return files


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below folders of the root."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    """Return a path as messages and exception lists write it."""
    return path.relative_to(ROOT).as_posix()


def imported_names(module: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever in it."""
    folder = shown(module.parent).removeprefix("gphoton_db").strip("/")
    package = f"gphoton_db.{folder.replace('/', '.')}".rstrip(".")
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                source = f"{package}.{source}".rstrip(".")
            # `from gphoton_db import archive` imports a module too.
            yield from (f"{source}.{alias.name}" for alias in node.names)


def copy_checkout(target: Path) -> Path:
    """Copy what a distribution is built from: the package folders and the root's files."""
    target.mkdir(parents=True)
    for folder in FOLDERS.values():
        shutil.copytree(ROOT / folder, target / folder, ignore=CACHES)
    for path in ROOT.iterdir():
        if path.is_file() and not path.name.startswith("."):
            shutil.copy(path, target)
    return target


def committed_files() -> list[Path]:
    """Return every file that git has, or would add; skip the test where there is no git."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are committed is not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return sorted(path for path in paths if path.is_file())
