"""Calibration files from a folder on a server."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from astropy.io import fits

from gphoton_db.calibration import files_for, missing_files
from gphoton_db.calibration.fetched import check_fetched, fetched_files
from gphoton_db.ingest.mast.calibration import fetch_calibration
from gphoton_db.ingest.mast.client import Client
from gphoton_db.mission import Band
from tests import mastfaults
from tests.ingest.mast.conftest import quick_options
from tests.mastserver import MastServer

SMALL = [file for file in files_for(Band.FUV, 23500) if "cube" not in file.name][:4]


@pytest.fixture
def server(synthetic_calibration: Path) -> Iterator[MastServer]:
    with MastServer(synthetic_calibration) as made:
        yield made


def test_what_is_missing_is_fetched_once_and_recorded(
    client: Client, server: MastServer, synthetic_calibration: Path, tmp_path: Path
) -> None:
    own = SMALL[0].name
    shutil.copy(synthetic_calibration / own, tmp_path)
    assert missing_files(SMALL, tmp_path) == SMALL[1:]
    fetched = fetch_calibration(client, SMALL, tmp_path)
    assert fetched == [file.name for file in SMALL[1:]]
    assert fetch_calibration(client, SMALL, tmp_path) == []
    known = fetched_files(tmp_path)
    assert set(known) == set(fetched)
    for name in fetched:
        content = (tmp_path / name).read_bytes()
        assert content == (synthetic_calibration / name).read_bytes()
        assert known[name].sha256 == hashlib.sha256(content).hexdigest()
        assert server.requests[f"/cal/{name}"] == 1
    assert server.requests[f"/cal/{own}"] == 0
    check_fetched(tmp_path, known.values())


def test_one_that_breaks_off_is_resumed(
    client: Client, server: MastServer, synthetic_calibration: Path, tmp_path: Path
) -> None:
    name = SMALL[0].name
    server.misbehave(name, mastfaults.closed(1_000_000))
    fetch_calibration(client, SMALL[:1], tmp_path)
    assert (tmp_path / name).read_bytes() == (synthetic_calibration / name).read_bytes()
    assert server.ranges_asked == ["bytes=1000000-"]


def test_without_versions_what_has_no_checksum_begins_anew(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    with MastServer(synthetic_calibration, versions=False) as server:
        server.misbehave(SMALL[0].name, mastfaults.closed(1_000_000))
        fetch_calibration(Client(quick_options(server)), SMALL[:1], tmp_path)
        assert server.ranges_asked == []


def test_a_file_that_is_another_one_when_it_comes_again_is_said(
    synthetic_calibration: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name, served, folder = SMALL[0].name, tmp_path / "served", tmp_path / "calibration"
    served.mkdir()
    shutil.copy(synthetic_calibration / name, served)
    with MastServer(served) as server, caplog.at_level(logging.WARNING):
        client = Client(quick_options(server))
        fetch_calibration(client, SMALL[:1], folder)
        (folder / name).unlink()
        fetch_calibration(client, SMALL[:1], folder)
        assert caplog.messages == []
        (folder / name).unlink()
        with fits.open(served / name, mode="update") as hdus:
            hdus[0].data[0, 0] += 1
        os.utime(served / name)
        fetch_calibration(client, SMALL[:1], folder)
    assert caplog.messages[0].startswith(f"{name}: differs from the one that was fetched on 20")
    assert fetched_files(folder)[name].size == (folder / name).stat().st_size
