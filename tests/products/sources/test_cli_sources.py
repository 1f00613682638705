"""The commands ``detect`` and ``photometry``."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli
from tests.shared import own_copy


@pytest.fixture
def root(one_leg: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(own_copy(tmp_path_factory, one_leg.archive_path))


def test_detect_writes_sources(cli: Cli, root: str, tmp_path: Path) -> None:
    output = tmp_path / "sources.parquet"
    done = cli("--archive", root, "detect", "23500", "NUV", "--output", str(output), "--json")
    assert done.code == 0, done.err
    (leg,) = json.loads(done.out)["legs"]
    assert leg["leg"] == 0
    assert pq.read_metadata(output).num_rows == leg["sources"] > 3


def test_photometry_of_a_catalogue(
    cli: Cli, root: str, one_leg: SessionArchive, tmp_path: Path
) -> None:
    star = one_leg.star(Star.BRIGHT)
    catalog = tmp_path / "stars.csv"
    catalog.write_text(f"ra,dec\n{star.ra},{star.dec}\n,\n", encoding="utf-8")
    choices = ("--catalog", str(catalog), "--aperture", "9", "--depth", "20")
    done = cli("--archive", root, "photometry", "23500", "nuv", *choices)
    assert done.code == 0, done.err
    (path,) = done.out.split()
    assert Path(path).name == "e23500-nd-f0020-b00-movie-photom-9_0-stars.csv"
    header, first, second = Path(path).read_text(encoding="utf-8").splitlines()
    assert "aperture_sum_2" in header
    assert not first.startswith("1,")
    assert second.split(",")[1] in ("", "nan")


def test_a_format_that_is_none_is_refused(cli: Cli, root: str) -> None:
    done = cli("--archive", root, "photometry", "23500", "NUV", "--format", "docx")
    assert done.code != 0
    assert "csv or parquet" in done.err
