"""Kernels that are compiled before they are needed."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from gphoton_db.cli import kernels, progress
from gphoton_db.cli.console import Output
from gphoton_db.cli.kernels import KERNELS
from gphoton_db.cli.progress import StageProgress
from gphoton_db.progress import COMPILING, Progress
from gphoton_db.system import compiling
from gphoton_db.system.compiling import compile_ahead, compile_missing, missing_groups
from gphoton_db.warm_up import ALL_GROUPS
from tests.demonstration import COMMANDS, Demonstration
from tests.gphoton_db import first_use
from tests.gphoton_db.conftest import Cli

BROKEN, SOUND = f"{first_use.__name__}:broken", f"{first_use.__name__}:sound"


def test_what_a_first_user_does_needs_no_kernel_that_is_not_compiled_ahead(
    demonstration: Demonstration,
) -> None:
    found = demonstration.used[first_use.EVERYTHING]
    assert found["missing"] == []
    assert found["used"] > 30


@pytest.mark.parametrize("name", [*COMMANDS, "demo"])
def test_a_command_compiles_ahead_what_it_needs(name: str, demonstration: Demonstration) -> None:
    found = demonstration.used[name]
    assert found["missing"] == []
    assert found["used"] > (0 if name == "moc" else 2)


def test_every_command_with_kernels_is_tried() -> None:
    assert {*COMMANDS, "demo", "serve"} == set(KERNELS)
    # A server draws as three commands do, which are tried.
    shown = ("hips", "map", "lightcurve")
    assert set(KERNELS["serve"]) == {group for name in shown for group in KERNELS[name]}


def test_a_command_says_on_a_terminal_alone_that_it_compiles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def tell(groups: tuple[str, ...], on_progress: Progress) -> None:
        assert groups == KERNELS["map"]
        on_progress(COMPILING, 1, 2)

    monkeypatch.setattr(compiling, "compile_ahead", tell)
    kernels.compile_kernels("map")
    assert capsys.readouterr() == ("", "")
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=120, _environ={})
    for module in (progress, kernels):
        monkeypatch.setattr(module, "notes", Output(made=console))
    kernels.compile_kernels("map")
    assert f"map: {COMPILING}" in terminal.getvalue()
    assert " 50 %" in terminal.getvalue()


def test_warm_up_compiles_everything_once(cli: Cli) -> None:
    first = cli("warm-up", "--json")
    assert first.code == 0, first.err
    assert json.loads(first.out)["failures"] == []
    assert missing_groups(ALL_GROUPS) == []
    second = cli("warm-up")
    assert (second.code, second.out) == (0, "all kernels were compiled before\n")


def test_a_kernel_that_cannot_be_compiled_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []
    compile_missing([SOUND], lambda *step: None)
    done = compile_missing([BROKEN, SOUND], lambda *step: told.append(step), processes=2)
    assert done.groups == (BROKEN,)
    assert len(done.failures) == 1
    assert done.failures[0].startswith(f"{BROKEN}: TypingError: ")
    assert told == [(COMPILING, 0, 1), (COMPILING, 1, 1)]
    assert missing_groups([BROKEN, SOUND]) == [BROKEN]


def test_what_goes_wrong_ahead_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        compile_ahead(["gphoton_db.no_such_module:nothing"], lambda *step: None)
        compile_ahead([BROKEN], lambda *step: None)
    assert "no kernels could be compiled ahead (No module named" in caplog.text
    assert f"compiled when it is used: {BROKEN}: TypingError" in caplog.text


def test_it_is_said_once_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with StageProgress("e23500 NUV") as shown:
        for done in range(3):
            shown(COMPILING, done, 2)
        shown("reading", 1, 2)
    assert capsys.readouterr().err == f"e23500 NUV: {COMPILING}\n"


def test_a_terminal_shows_the_time_that_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=120, _environ={})
    monkeypatch.setattr(progress, "notes", Output(made=console))
    with StageProgress("e23500 NUV") as shown:
        shown(COMPILING, 1, 4)
    assert f"e23500 NUV: {COMPILING}" in terminal.getvalue()
    assert " 25 %" in terminal.getvalue()
    assert "0:00:00" in terminal.getvalue()
