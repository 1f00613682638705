"""Light curves of a list in parts, each measured by a process of its own into a file."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.archives import SessionArchive, Star
from tests.examples import examples
from tests.gphoton_db.conftest import Cli
from tests.shared import own_copy

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.products.apertures.targets import MANY, Targets
from gphoton_db.products.lightcurves.many import plan_of
from gphoton_db.products.lightcurves.measure import measurement_of
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.lightcurves.part_files import keep_complete, write_part
from gphoton_db.products.lightcurves.parts import Part, parts_of, places_of

PARTS = "gphoton_db.products.lightcurves.parts"


@pytest.fixture
def root(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, two_bands.archive_path)


@pytest.fixture
def listed(two_bands: SessionArchive, tmp_path: Path) -> Path:
    """A list of stars, with one off the field, one that is none, and one twice."""
    stars = [two_bands.star(star) for star in Star]
    rows = [*((star.ra, star.dec) for star in stars), (10.0, 80.0), ("", 1.0)]
    rows.append(rows[1])
    with (tmp_path / "list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("ra", "dec"), *rows])
    return tmp_path / "list.csv"


def test_what_failed_is_listed(
    root: Path, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(f"{PARTS}.LEAST_ROWS", 1)  # each position is a part
    command = ["--archive", root, "lightcurve", "--catalog", listed, "--annulus", "30,60"]
    command += ["--step", "7", "--output", "curves", "--jobs", "1"]
    photons = next(root.glob("photons/band=FUV/*/*/*.parquet"))
    photons.unlink()
    failed = cli(*command)
    assert failed.code == 3, failed.err
    assert "the same command tries again what failed" in failed.err
    with Path("curves/_failed.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["position"]) for row in rows} == {*range(len(Star)), len(Star) + 2}
    assert all("No such file" in row["reason"] for row in rows)
    far = pq.read_table("curves").to_pylist()
    assert 10.0 in {row["ra"] for row in far}


def made_here(archive: Archive, listed: Path, folder: Path) -> list[Part]:
    """Make all parts in this process, as others would."""
    reader = archive._product_reader()
    how = measurement_of(LightCurveOptions(step=10))
    parts = parts_of(
        reader, plan_of(reader, read_positions(listed), how, mask_sources=True), mask_sources=True
    )
    assert [write_part(part, reader, folder) > 0 for part in parts] == [True] * len(parts)
    return parts


def test_only_what_is_there_as_asked_is_passed_over(
    root: Path, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{PARTS}.LEAST_ROWS", 1)
    folder = tmp_path / "curves"
    with Archive(root) as archive:
        (folder / ".gphoton-db").mkdir(parents=True)
        parts = made_here(archive, listed, folder)
        # No process is started: all of it is there.
        done = archive.lightcurves_many(listed, folder, step=10, jobs=1)
        assert (done.made, done.skipped) == ((), tuple(part.name for part in parts))
        files = sorted(folder.glob("*.parquet"))
        assert done.n_rows == sum(pq.read_metadata(path).num_rows for path in files)
        whole = pq.read_table(
            archive.write_lightcurves(listed, tmp_path / "w.parquet", step=10).path
        )
        rows = pq.read_table(folder).replace_schema_metadata()
        order = np.argsort(rows["position"].to_numpy(), kind="stable")
        expected = whole.replace_schema_metadata().to_pandas()
        assert rows.take(pa.array(order)).to_pandas().equals(expected)
        with pytest.raises(ProductError, match="or measured in another way"):
            archive.lightcurves_many(listed, folder, step=11, jobs=1)
    files[0].write_bytes(files[0].read_bytes()[:-5])
    other = [replace(parts[1], state="other"), *parts[2:-1]]
    assert list(keep_complete(folder, [parts[0], *other])) == [part.name for part in parts[2:-1]]
    assert sorted(folder.glob("*.parquet")) == files[2:-1]


def test_a_folder_with_other_files_is_left_alone(root: Path, listed: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("words")
    with Archive(root) as archive:
        with pytest.raises(ProductError, match=r"thesis holds other files \(chapter.txt\)"):
            archive.lightcurves_many(listed, other)
        with pytest.raises(ProductError, match="is a file: name a folder for light curves"):
            archive.lightcurves_many(listed, other / "chapter.txt")
        (other / ".gphoton-db").mkdir()
        with pytest.raises(ProductError, match=r"holds chapter\.txt, and not light curves"):
            archive.lightcurves_many(listed, other)
    assert {path.name for path in other.iterdir()} == {"chapter.txt", ".gphoton-db"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output", "x.parquet"), "it is a folder"),
        (("--jobs", "2"), "it is a folder"),
        (("--output", "x", "--method", "image"), "--method photon"),
    ],
)
def test_the_command_says_what_goes_together(
    root: Path, listed: Path, cli: Cli, options: tuple[str, ...], message: str
) -> None:
    command = ("--archive", root, "lightcurve", "--catalog", listed, "--jobs", "1", *options)
    done = cli(*command)
    assert done.code != 0
    assert message in done.err
    alone = cli("--archive", root, "lightcurve", "1", "1", "--jobs", "1")
    assert (alone.code, "goes with --catalog" in alone.err) == (2, True)


@settings(max_examples=examples(20), deadline=None)
@given(st.floats(0, 360), st.floats(-90, 90), st.floats(0.001, 5.0), st.integers(0, 1000))
def test_circles_of_long_lists_are_those_of_short_ones(
    ra: float, dec: float, radius: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    around = rng.normal(0, 3, (2, MANY))
    targets = Targets.of((ra + around[0]) % 360, np.clip(dec + around[1], -90, 90))
    targets.ra[0] = targets.dec[0] = np.nan
    some = np.arange(MANY - 1)
    expected = targets.take(some).within(ra, dec, radius)
    assert targets.within(ra, dec, radius)[:-1].tolist() == expected.tolist()


def test_positions_near_each_other_are_near_in_order() -> None:
    rng = np.random.default_rng(1)
    centres = rng.uniform(0, 360, 200), np.degrees(np.arcsin(rng.uniform(-1, 1, 200)))
    ra, dec = (np.repeat(each, 20) + rng.normal(0, 1e-4, 4000) for each in centres)
    shuffled = rng.permutation(4000)
    targets = Targets.of(ra[shuffled], np.clip(dec[shuffled], -90, 90))
    targets.ra[7] = targets.dec[7] = np.nan
    order = np.argsort(places_of(targets), kind="stable")
    assert order[-1] == 7
    group = shuffled[order[:-1]] // 20
    # Some groups lie across a border of squares.
    assert (np.diff(group) != 0).sum() < 230
