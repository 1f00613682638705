"""``gphoton-db calibration`` as a user types it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.calibration.sets import all_files
from tests.gphoton_db.archives import Sources, legs_of
from tests.gphoton_db.conftest import Cli
from tests.mastserver import MastServer


@pytest.fixture
def server(synthetic_calibration: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MastServer]:
    with MastServer(synthetic_calibration) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def test_from_nothing_to_an_ingest_with_a_set_by_name(
    cli: Cli, server: MastServer, nuv: Sources, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    command = ("--archive", root, "calibration")
    assert "there is no archive in" in cli(*command, "list").err
    fetched = cli(*command, "fetch", "--name", "mission", "--band", "NUV")
    assert fetched.code == 0, fetched.err
    assert "fetched NUV_flat.fits" in fetched.out
    asked = server.requests.total()
    assert "0 files fetched" in cli(*command, "fetch", "--name", "mission", "--band", "NUV").out
    assert server.requests.total() == asked
    listed = json.loads(cli(*command, "list", "--json").out)
    assert list(listed) == ["mission"]
    assert "FUV_flat.fits" in listed["mission"]["missing"]
    done = cli(
        *("--archive", root, "ingest", "23500", "NUV", "--calibration", "mission"),
        *("--raw6", nuv.raw6, "--pointing", nuv.pointing, "--offline"),
    )
    assert done.code == 0, done.err
    assert {leg.calibration for leg in legs_of(root, nuv.band)} == {
        listed["mission"]["identifiers"]["NUV"]
    }
    # Maps find the flat of the set by its hash.
    with Archive(root) as archive:
        assert archive.map(323.5, -2.0, 0.02, bands="NUV")


def test_imports_are_verified_and_never_cleared_as_a_cache(
    cli: Cli, synthetic_calibration: Path, tmp_path: Path
) -> None:
    name = "NUV_wiggle_x.fits"
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(synthetic_calibration / name, folder)
    root = tmp_path / "archive"
    command = ("--archive", root, "calibration")
    done = cli(*command, "import", folder)
    assert (done.code, "1 files imported" in done.out) == (0, True)
    assert "not there: NUV_flat.fits" in done.err
    assert json.loads(cli(*command, "import", folder, "--json").out)["unchanged"] == [name]
    assert cli("--archive", root, "cache", "--clear", "--yes").code == 0
    good = cli(*command, "verify")
    assert (good.code, "1 of 1 files are what they should be, 1 of them" in good.out) == (0, True)
    (root / "calibration" / name).write_bytes(b"another")
    bad = cli(*command, "verify")
    assert (bad.code, f"changed: {name}: its SHA-256" in bad.err) == (1, True)
    report = json.loads(cli(*command, "verify", "--json").out)
    assert len(report["files"]) == len(all_files())
    assert name in cli(*command, "list").out
    assert cli(*command, "verify", "nowhere").code == 1
    assert cli(*command, "import", tmp_path / "nowhere").code == 1
