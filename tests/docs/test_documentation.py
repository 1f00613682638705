"""The documents keep up with the program."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from gphoton_db.cli.app import app
from gphoton_db.ingest.photons import SCHEMA

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHIVE = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(getattr(group, "commands", {}))


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"gphoton-db {command}" in README


@pytest.mark.parametrize("column", SCHEMA.names)
def test_every_stored_column_is_described(column: str) -> None:
    assert column in ARCHIVE


def test_the_readme_names_every_folder_and_document() -> None:
    for folder in ("gphoton_db", "ingest", "aspect", "products", "sql", "tests", "benchmarks"):
        assert f"`{folder}/`" in README
    for document in (ROOT / "docs").glob("*.md"):
        assert f"docs/{document.name}" in README


def test_the_first_session_runs(tmp_path: Path) -> None:
    completed = subprocess.run(
        [sys.executable, ROOT / "docs" / "first_session.py", "demo"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    shown = completed.stdout
    assert shown.count("\n$ gphoton-db ") == 5
    assert "e23456 NUV: ingested: 256,546 photons" in shown
    assert "2 legs, 256,546 photons" in shown
