"""``gphoton-db ingest ECLIPSE BAND`` alone, from an empty folder, as processes of their own."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli.pointing_fetch import fetch_all
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from tests import mastfaults
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    legs_of,
    run_program,
    start_program,
)
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.many_visits import wait_until
from tests.gphoton_db.test_obtain import serve_sources
from tests.ingest.mast.conftest import quick_options
from tests.mastserver import MastServer
from tests.mastvisits import rows_of_files


@pytest.fixture
def server(
    nuv: Sources, fuv: Sources, synthetic_calibration: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MastServer]:
    with MastServer(synthetic_calibration) as made:
        serve_sources(made, nuv, fuv)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def photon_hashes(root: Path) -> list[tuple[str, int, int]]:
    """Return number and hash of the photons of each leg; files say of which ingest they are."""
    columns = "t_ms, ra, dec, flags, cell, col, row, q, ya, response"
    with Archive(root) as archive:
        rows = archive.query(
            f"SELECT band, leg, count(*) AS n, sum(hash({columns})) AS digest "
            "FROM photons GROUP BY ALL ORDER BY ALL"
        ).rows()
    return [(f"{row['band']} {row['leg']}", row["n"], int(row["digest"])) for row in rows]


def metadata(root: Path) -> list[dict[str, object]]:
    with Archive(root) as archive:
        return list(archive.query("SELECT * FROM eclipses").rows())


def test_both_bands_from_nothing_are_what_local_files_give(
    server: MastServer, full_root: Path, tmp_path: Path
) -> None:
    root = tmp_path / "gphoton-archive"
    done = run_program(["ingest", "23500", "NUV", "FUV"], folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[:2] for line in done.stdout.splitlines()] == [
        [f"e23500 {band}", " ingested"] for band in ("NUV", "FUV")
    ]
    assert photon_hashes(root) == photon_hashes(full_root)
    assert metadata(root) == metadata(full_root)
    assert_sound(root)
    files = {path: n for path, n in server.requests.items() if path.startswith(("/data", "/cal"))}
    assert set(files.values()) == {1}
    asked = server.requests.total()
    again = run_program(["ingest", "23500", "NUV", "FUV", "--force", "--offline"], folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert photon_hashes(root) == photon_hashes(full_root)
    assert server.requests.total() == asked


def test_two_processes_share_one_cache(server: MastServer, nuv: Sources, tmp_path: Path) -> None:
    server.misbehave("/data/", *[mastfaults.slow(4, 0.1)] * 3)
    processes = [
        start_program(
            ["ingest", "23500", band, f"--calibration={nuv.calibration}"], folder=tmp_path
        )
        for band in ("NUV", "FUV")
    ]
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    root = tmp_path / "gphoton-archive"
    assert {leg.band for leg in (*legs_of(root, Band.NUV), *legs_of(root, Band.FUV))} == {
        "NUV",
        "FUV",
    }
    assert_sound(root)
    assert {n for path, n in server.requests.items() if path.startswith("/data/")} == {1}
    assert server.asked("aspect_data") == 1


def test_killed_in_mid_download_the_next_one_goes_on(
    server: MastServer, nuv: Sources, full_root: Path, tmp_path: Path
) -> None:
    raw6 = nuv.raw6.name
    server.misbehave(raw6, mastfaults.stalled(20_000))
    command = ["ingest", "23500", "NUV", f"--calibration={nuv.calibration}"]
    process = start_program(command, folder=tmp_path)
    root = tmp_path / "gphoton-archive"
    part = root / "raw6" / "e23500-nd-raw6.fits.gz.part"
    wait_until(lambda: part.exists() and part.stat().st_size == 20_000, process)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    report = json.loads(run_program(["cache", "--json"], folder=tmp_path).stdout)
    assert report["kinds"][0]["leftovers"]["size_bytes"] > 20_000
    done = run_program(command, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert server.ranges_asked == ["bytes=20000-"]
    assert (root / "raw6" / "e23500-nd-raw6.fits.gz").read_bytes() == nuv.raw6.read_bytes()
    assert {path.name for path in (root / "raw6").iterdir()} == {
        "e23500-nd-raw6.fits.gz",
        "fetched.jsonl",
    }
    assert server.asked("aspect_data") == 1
    local = [each for each in photon_hashes(full_root) if each[0].startswith("NUV")]
    assert photon_hashes(root) == local


@pytest.mark.deep
def test_e23500_from_nothing_is_what_the_files_give(
    shared_galex: Path,
    reference_calibration: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = shared_galex / "e23500"
    raw6, scst = folder / "e23500-nd-raw6.fits.gz", folder / "e23500-scst.fits.gz"
    with MastServer(reference_calibration) as server:
        server.add_visit(
            23500, raw6={Band.NUV: raw6}, scst=scst, aspect=rows_of_files(folder, 23500)
        )
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        done = run_program(["ingest", "23500", "NUV"], folder=tmp_path)
        assert done.returncode == 0, done.stderr
    with Archive(tmp_path / "local") as archive:
        archive.ingest(23500, "NUV", raw6=raw6, pointing=folder, calibration=reference_calibration)
    root = tmp_path / "gphoton-archive"
    assert photon_hashes(root) == photon_hashes(tmp_path / "local")
    (fetched,), (local,) = legs_of(root, Band.NUV), legs_of(tmp_path / "local", Band.NUV)
    for name in ("ra0", "dec0", "roll0", "exposure", "n_photons", "t0", "t1", "calibration"):
        assert getattr(fetched, name) == getattr(local, name)


def test_run_fetches_too(server: MastServer, cli: Cli, nuv: Sources, tmp_path: Path) -> None:
    command = ["--archive", tmp_path / "archive", "run", "23500", "NUV", "--stop-after", "photons"]
    calibration = f"--calibration={nuv.calibration}"
    refused = cli(*command, calibration, "--offline")
    assert (refused.code, server.requests.total()) == (1, 0)
    assert "no raw6 file was given" in refused.err
    done = cli(*command, calibration)
    assert done.code == 0, done.err
    assert len(legs_of(tmp_path / "archive", Band.NUV)) == 2


def test_pointing_fetch_goes_on_after_a_failure(
    server: MastServer, cli: Cli, nuv: Sources, tmp_path: Path
) -> None:
    command = ["--archive", tmp_path / "archive", "pointing", "fetch"]
    (tmp_path / "mine.txt").write_text("# a range, as for ingest\n23499-23500\n")
    done = cli(*command, tmp_path / "mine.txt", "23500")
    assert (done.code, done.out) == (1, "e23500: fetched\n")
    assert "error: e23499: the mission archive has no refined aspect of eclipse 23499" in done.err
    report = json.loads(cli(*command, "23500", "--json").out)
    assert report["not_reached"] == 0
    assert report["eclipses"] == [{"eclipse": 23500, "outcome": "there already", "message": None}]
    known = json.loads(cli("--archive", tmp_path / "archive", "search", "--json").out)["rows"]
    assert {(row["eclipse"], row["ingested"]) for row in known} == {(23500, False)}
    given = [f"--raw6={nuv.raw6}", f"--calibration={nuv.calibration}"]
    done = cli("--archive", tmp_path / "archive", "ingest", "23500", "NUV", "--offline", *given)
    assert done.code == 0, done.err


def test_pointing_is_not_asked_for_ever_of_an_archive_that_does_not_answer(
    server: MastServer, tmp_path: Path
) -> None:
    paths = ArchivePaths(tmp_path / "archive")
    server.misbehave("spGetRawUrls", *[mastfaults.status(503)] * 100)
    found = list(fetch_all(paths, range(23490, 23510), quick_options(server), None))
    assert [each.eclipse for each in found] == [23490, 23491, 23492, 23493]
    assert {each.outcome for each in found} == {"failed"}
    assert not paths.root.exists()


def test_what_was_fetched_before_an_interruption_is_known(
    server: MastServer, tmp_path: Path
) -> None:
    paths = ArchivePaths(tmp_path / "archive")
    fetching = fetch_all(paths, [23500, 23501, 23502], quick_options(server), None)
    assert next(fetching).outcome == "fetched"
    with pytest.raises(KeyboardInterrupt):
        fetching.throw(KeyboardInterrupt)
    with Archive(paths.root) as archive:
        assert set(archive.search()["eclipse"]) == {23500}
