"""Kernels that are compiled before they are needed."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

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
from tests.demonstration import Demonstration
from tests.gphoton_db import first_use
from tests.gphoton_db.archives import Sources
from tests.gphoton_db.conftest import Cli

BROKEN, SOUND = f"{first_use.__name__}:broken", f"{first_use.__name__}:sound"


PLACE = ("323.5", "-2.0")
LEG = ("23500", "NUV", "--leg", "0", "--output", ".")
COMMANDS = {
    "lightcurve": ("lightcurve", *PLACE, "--step", "10", "--annulus", "30,60"),
    "lightcurve --method image": ("lightcurve", *PLACE, "--method", "image", "--step", "visit"),
    "map": ("map", *PLACE, "--band", "NUV", "--compression", "rice", "--output", "."),
    "hips": ("hips", "23500", "--band", "NUV", "--order", "5", "--output", "sky"),
    "moc": ("moc", "--all", "--band", "NUV", "--order", "8", "--output", "."),
    "image": ("image", *LEG, "--compression", "rice"),
    "image --extended": ("image", *LEG, "--extended"),
    "movie": ("movie", *LEG, "--depth", "10", "--gif"),
    "simulate": ("simulate", "23501", "NUV", "--duration", "30", "--output", "new"),
}
"""What uses all kernels of each of `KERNELS`, but for the demonstration and a server."""


@pytest.fixture(scope="module")
def used(
    full_root: Path, nuv: Sources, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What each command of `COMMANDS` used, and what it did not compile ahead."""
    folder = tmp_path_factory.mktemp("first-use")
    wanted: dict[str, Any] = {
        name: ["--archive", str(shutil.copytree(full_root, folder / f"{name}-archive")), *words]
        for name, words in COMMANDS.items()
    }
    for name in ("map", "hips"):
        wanted[name] += ["--calibration", str(nuv.calibration)]
    wanted[first_use.EVERYTHING] = {
        "eclipse": nuv.eclipse,
        "band": str(nuv.band),
        "paths": {name: str(path) for name, path in nuv.paths.items()},
    }
    return first_use.done(folder, wanted)


def test_what_a_first_user_does_needs_no_kernel_that_is_not_compiled_ahead(
    used: dict[str, dict[str, Any]],
) -> None:
    found = used[first_use.EVERYTHING]
    assert found["missing"] == []
    assert found["used"] > 30


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_compiles_ahead_what_it_needs(name: str, used: dict[str, dict[str, Any]]) -> None:
    found = used[name]
    assert found["missing"] == []
    assert found["used"] > (0 if name == "moc" else 2)


def test_the_demonstration_compiles_ahead_what_it_needs(demonstration: Demonstration) -> None:
    assert demonstration.missing == []
    assert demonstration.n_kernels > 2


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
