"""Commands other than ``sql``: what they print, where, and how they end."""

import json
import re
import shutil
from pathlib import Path

import pytest

import gphoton_db
from gphoton_db.archive import Archive
from gphoton_db.paths import SEGMENTED
from tests.gphoton_db.archives import Sources
from tests.gphoton_db.conftest import Cli

COMMANDS = (
    "ingest",
    "status",
    "image",
    "movie",
    "exposure",
    "map",
    "coadd",
    "export",
    "sql",
    "query",
    "describe",
    "shell",
    "simulate",
    "demo",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, cli: Cli) -> None:
    done = cli(command, "--help")
    assert done.code == 0
    assert f"gphoton-db {command}" in done.out
    assert done.err == ""


def test_the_program_lists_its_commands(cli: Cli) -> None:
    done = cli("-h")
    assert done.code == 0
    for word in (*COMMANDS, "--archive", "GPHOTON_DB_ARCHIVE"):
        assert word in done.out


def test_the_program_says_its_version(cli: Cli) -> None:
    assert cli("--version").out == f"gphoton-db {gphoton_db.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ingest", "23500", "XUV"], "for BAND: unknown band"),
        (["ingest", "--eclipses", "23500", "--bands", "XUV"], "for --bands: unknown band"),
        (["run", "--eclipses", "23500", "--bands", "XUV"], "for --bands: unknown band"),
        (
            ["movie", "23500", "NUV", "--depth", "9", "--align-to", "XUV"],
            "for --align-to: unknown band",
        ),
        (["demo", "--output", "there"], "its archive, and --archive names another"),
        (["ingest", "23500", "NUV", "FUV", "--raw6", "e.fits"], "one band"),
        (["ingest", "23500", "NUV", "--colour", "red"], "--colour"),
        (["ingest", "23500", "NUV", "--threads", "0"], "--threads"),
        (["ingest", "23500"], "band"),
        (["ingest", "e23500", "NUV"], "eclipse"),
        (["sql"], "statement"),
        (["sql", "select 1", "--format", "parquet"], "--output"),
        (["sql", "select 1", "--format", "xml"], "xml"),
        (["status", "23500"], "23500"),
        (["photons"], "photons"),
        (["--archives", "here", "status"], "--archives"),
    ],
)
def test_usage_errors_end_with_2(
    arguments: list[str], complaint: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli("--archive", tmp_path / "archive", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint.lower() in done.err.lower()
    assert not (tmp_path / "archive").exists()


def test_an_ingest_is_summed_up_in_one_line_and_made_up_calibration_is_called_synthetic(
    cli: Cli, fuv_copy: Path, nuv: Sources
) -> None:
    done = cli("--archive", fuv_copy, *nuv.arguments())
    assert done.code == 0
    assert done.err.startswith(f"archive: {fuv_copy}\n")
    (line,) = done.out.splitlines()
    query = "SELECT calibration FROM legs UNION SELECT calibration FROM calibration_files"
    with Archive(fuv_copy) as archive:
        n_photons = sum(leg.n_photons for leg in archive.legs() if leg.band == "NUV")
        names = [row["calibration"] for row in archive.query(query).rows()]
    assert line.startswith(f"e23500 NUV: ingested: {n_photons:,} photons, ")
    for word in (" unflagged, 2 legs, ", " s, ", " events/s, ", " bytes/photon, "):
        assert word in line
    assert line.endswith(str(fuv_copy / "photons" / "band=NUV" / "eclipse=23500"))
    assert "\x1b" not in line
    # Wherever it shows.
    assert re.search(
        r"warning: eclipse 23500 NUV: calibrated with synthetic-\w{8}, .*not for science",
        " ".join(done.err.split()),
    )
    assert set(re.findall(r"synthetic-\w+", done.err)) < set(
        re.findall(r"synthetic-\w+", cli("--archive", fuv_copy, "status").out)
    )
    assert len(names) == 2
    assert all(re.fullmatch("synthetic-[0-9a-f]{64}", name) for name in names)


def test_what_is_there_is_skipped_with_a_note(cli: Cli, full_root: Path, nuv: Sources) -> None:
    done = cli("--archive", full_root, *nuv.arguments())
    assert (done.code, done.out) == (0, "")
    assert "e23500 NUV: skipped" in done.err
    assert "--force replaces it" in done.err


def test_several_bands_may_be_given_in_any_way(cli: Cli, full_root: Path) -> None:
    done = cli("--archive", full_root, "ingest", "23500", "nuv", "FUV", "NUV")
    assert (done.code, done.out) == (0, "")
    assert re.findall(r"e23500 \w+: \w+", done.err) == [
        "e23500 NUV: skipped",
        "e23500 FUV: skipped",
    ]


@pytest.mark.deep
def test_several_bands_may_be_ingested_at_once(
    cli: Cli, nuv: Sources, fuv: Sources, tmp_path: Path
) -> None:
    for sources in (nuv, fuv):
        shutil.copytree(sources.raw6.parent, tmp_path / "raw6", dirs_exist_ok=True)
    done = cli(
        "--archive", tmp_path, "ingest", "23500", "nuv", "FUV", "NUV",
        f"--pointing={fuv.pointing}", f"--calibration={fuv.calibration}",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["e23500 NUV", "e23500 FUV"]


def test_an_ingest_reports_as_json(cli: Cli, full_copy: Path, nuv: Sources) -> None:
    command = ["--archive", full_copy, *nuv.arguments("--json")]
    (skipped,) = json.loads(cli(*command).out)["ingests"]
    assert (skipped["outcome"], skipped["n_events"]) == ("skipped", None)
    document = json.loads(cli(*command, "--force").out)
    (report,) = document["ingests"]
    assert document["archive"] == str(full_copy)
    assert (report["eclipse"], report["band"], report["outcome"]) == (23500, "NUV", "replaced")
    assert report["n_events"] > report["n_photons"] > report["n_unflagged"] > 0
    assert report["seconds"] > 0
    assert report["n_photons"] == sum(leg["n_photons"] for leg in report["legs"])
    assert all(Path(folder).is_dir() for folder in report["files"])


def test_a_failed_ingest_reports_on_standard_error_only(cli: Cli, full_copy: Path) -> None:
    done = cli("--archive", full_copy, "ingest", "23500", "NUV", "--force", "--json")
    assert (done.code, done.out) == (1, "")
    assert "error: eclipse 23500 NUV cannot be ingested offline: no raw6 file was given" in done.err


READING = (
    ("status", "--legs"),
    ("search",),
    ("search", "323.5", "-2.0"),
    ("find", "323.5", "-2.0"),
    ("lightcurve", "323.5", "-2.0", "--step", "10"),
)


def test_a_damaged_catalogue_is_one_line(cli: Cli, full_copy: Path) -> None:
    (full_copy / "gphoton.duckdb").write_bytes(b"garbage" * 999)
    done = cli("--archive", full_copy, "status")
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"error: {full_copy / 'gphoton.duckdb'}: cannot be opened")


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(table, marks=() if table == "shutter_gaps" else pytest.mark.deep)
        for table in SEGMENTED
    ],
)
def test_a_damaged_file_of_the_catalogue_is_one_line(table: str, cli: Cli, full_copy: Path) -> None:
    for path in (full_copy / "catalogue" / table).glob("*.parquet"):
        content = bytearray(path.read_bytes())
        for place in range(4, len(content) // 2):  # the footer stays as it is
            content[place] ^= 0xFF
        path.write_bytes(content)
    failed = []
    for words in READING:
        done = cli("--archive", full_copy, *words)
        if done.code:
            failed.append(words[0])
            assert done.code == 1
            (line,) = (each for each in done.err.splitlines() if each.startswith("error: "))
            assert "gphoton-db verify" in line
    assert failed or table not in ("legs", "leg_files", "shutter_gaps")


def archive_used(cli: Cli, *arguments: str | Path) -> Path:
    return Path(cli(*arguments, "status").err.splitlines()[0].removeprefix("archive: "))


def test_the_archive_is_chosen_by_option_environment_file_and_default(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = tmp_path / "settings.toml"
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(settings))
    assert archive_used(cli) == tmp_path / "gphoton-archive"
    settings.write_text(f'archive = "{tmp_path}/from-file"')
    assert archive_used(cli) == tmp_path / "from-file"
    monkeypatch.setenv("GPHOTON_DB_ARCHIVE", str(tmp_path / "from-environment"))
    assert archive_used(cli) == tmp_path / "from-environment"
    assert archive_used(cli, "--archive", tmp_path / "given") == tmp_path / "given"


def test_pointing_and_calibration_may_be_set_once(
    cli: Cli, tmp_path: Path, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'calibration = "{nuv.calibration}"')
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(settings))
    monkeypatch.setenv("GPHOTON_DB_POINTING", str(nuv.pointing))
    done = cli("--archive", tmp_path / "a", "ingest", "23500", "NUV", f"--raw6={nuv.raw6}")
    assert done.code == 0, done.err


def test_settings_that_cannot_be_used_are_one_line(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('archives = "here"')
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(settings))
    done = cli("status")
    assert (done.code, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"error: {settings}: unknown setting 'archives'; known are archive")
