"""What is exported to HATS, opened with LSDB, against SQL."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cdshealpix.nested import vertices

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import ProductError
from gphoton_db.pipeline.products_job import opened
from gphoton_db.products.hats.export import Exported
from gphoton_db.products.hats.layout import Collection, partition_folder
from gphoton_db.products.hats.notes import read_parts
from gphoton_db.products.sources.store import file_of_entries, positions_digest, store
from gphoton_db.schemas import ENTRIES
from tests.shared import own_copy
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR

MOST_ROWS = 1000
RADIUS = 40.0


@pytest.fixture(scope="module")
def exported(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The photons of an archive over RA 0 and a pole, in many partitions.  Not to be changed."""
    with Archive(sky_root) as archive:
        folder = tmp_path_factory.mktemp("hats") / "photons"
        return archive.export_hats("photons", folder, most_rows=MOST_ROWS)


@pytest.fixture
def _uncompiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the kernels of HATS run as Python: numba takes ten times as long to compile them."""
    from hats.pixel_tree import moc_filter, pixel_alignment

    for module in (moc_filter, pixel_alignment):
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, value.py_func)


def corners(folder: Path) -> list[tuple[float, float]]:
    """Return a corner of each of a few partitions, deg."""
    parts = pd.read_csv(folder / "photons" / "partition_info.csv")
    found = []
    for order, pixel in parts.to_numpy()[:: len(parts) // 16]:
        ra, dec = vertices(np.array([pixel], np.uint64), int(order))
        found.append((float(ra.deg[0, 2]) % 360, float(dec.deg[0, 2])))
    return found


def test_the_export_is_strictly_valid_and_complete(exported: Exported, sky_root: Path) -> None:
    import lsdb
    from hats.io.validation import is_valid_catalog

    assert is_valid_catalog(exported.path, strict=True)
    with Archive(sky_root) as archive:
        (row,) = archive.query("SELECT count(*) AS n FROM photons WHERE ra IS NOT NULL").rows()
    photons = lsdb.open_catalog(exported.path)
    assert (len(photons), exported.n_rows) == (row["n"], row["n"])
    assert exported.n_partitions > 10
    assert set(photons.columns) >= {"eclipse", "band", "leg", "t", "ra", "dec", "flags", "mask"}


def test_every_row_is_in_the_partition_of_its_position(exported: Exported) -> None:
    collection = Collection(exported.path, "photons", "source")
    parts = read_parts(collection).to_pylist()
    for part in [part for part in parts if not part["margin"]]:
        folder = partition_folder(collection.tables[0], part["order"], part["pixel"])
        index = pq.read_table(folder / part["file"], partitioning=None)["_healpix_29"].to_numpy()
        assert (np.diff(index) >= 0).all()
        assert {*(index >> 2 * (29 - part["order"]))} == {part["pixel"]}
        assert len(index) == part["rows"]


@pytest.mark.usefixtures("_uncompiled")
def test_cones_hold_the_photons_that_sql_finds(exported: Exported, sky_root: Path) -> None:
    import lsdb

    photons = lsdb.open_catalog(exported.path)
    places = [STAR, ACROSS_ZERO, NEAR_POLE, (359.9998, 10.0), (0.0, 90.0), (300.0, 89.999)]
    places += corners(exported.path)[::2]
    counts = []
    with Archive(sky_root) as archive:
        for ra, dec in np.array(places).tolist():
            found = photons.cone_search(ra, dec, RADIUS).compute()
            sql = f"FROM cone({ra!r}::DOUBLE, {dec!r}::DOUBLE, {RADIUS}::DOUBLE)"
            rows = archive.query(f"SELECT eclipse, band, leg, t_ms, ra {sql}").df()
            assert len(found) == len(rows), (ra, dec)
            assert sorted(found["ra"]) == sorted(rows["ra"])
            counts.append(len(found))
    assert len(places) >= 14
    assert min(counts[:4]) > 50


@pytest.mark.usefixtures("_uncompiled")
def test_a_cross_match_loses_nothing_at_borders(exported: Exported, sky_root: Path) -> None:
    """Without the margins pairs across the borders of partitions would be missing."""
    import lsdb

    places = [STAR, ACROSS_ZERO, NEAR_POLE, *corners(exported.path)[::3]]
    rng = np.random.default_rng(1)
    ra, dec = np.repeat(np.array(places), 2, axis=0).T
    dec = np.clip(dec + rng.normal(0, 3e-3, len(dec)), -90, 90)
    near = pd.DataFrame({"id": range(len(ra)), "ra": ra, "dec": dec})
    listed = lsdb.from_dataframe(near, ra_column="ra", dec_column="dec", margin_threshold=None)
    photons = lsdb.open_catalog(exported.path)
    pairs = listed.crossmatch(
        photons,
        radius_arcsec=8,
        n_neighbors=10_000,
        suffixes=("_listed", "_photon"),
        suffix_method="all_columns",
    ).compute()
    with Archive(sky_root) as archive:
        expected = 0
        for a, d in zip(ra.tolist(), dec.tolist(), strict=True):
            sql = f"FROM cone({a!r}::DOUBLE, {d!r}::DOUBLE, 8::DOUBLE)"
            expected += archive.query(f"SELECT count(*) AS n {sql}").rows()[0]["n"]
    assert expected > 20
    assert len(pairs) == expected


COUNTED = ["position", "lightcurve.counts"]


def total_of(row: dict[str, Any]) -> dict[str, float]:
    """Return the counts of all bins of a light curve: what workers of LSDB make of each row."""
    return {"position": row["position"], "total": float(np.sum(row["lightcurve.counts"]))}


def test_nested_light_curves_are_those_of_sql(sky_root: Path, tmp_path: Path) -> None:
    import lsdb
    from hats.io.validation import is_valid_catalog

    places = pd.DataFrame([STAR, (323.6, -2.05), (10.0, 10.0)], columns=["ra", "dec"])
    with Archive(sky_root) as archive:
        made = archive.export_hats("lightcurves", tmp_path / "out", places, curves={"step": 10})
        assert is_valid_catalog(made.path, strict=True)
        opened_there = lsdb.open_catalog(made.path)
        curves = opened_there.compute().set_index("position")
        meta = {"position": int, "total": float}
        totals = opened_there.map_rows(total_of, columns=COUNTED, meta=meta).compute()
        totals = totals.set_index("position")["total"]
        assert sorted(curves.index) == [0, 1, 2]
        for place, (ra, dec) in enumerate(places.to_numpy()[:2].tolist()):
            rows = archive.query(
                f"SELECT * FROM lightcurve({ra!r}::DOUBLE, {dec!r}::DOUBLE, step := 10) "
                "ORDER BY band, t0"
            ).df()
            bins = curves.loc[place, "lightcurve"]
            assert len(rows) == len(bins) > 5
            assert bins["counts"].tolist() == rows["counts"].tolist()
            assert totals[place] == rows["counts"].sum()
            assert bins["cps"].to_numpy(float) == pytest.approx(
                rows["cps"].to_numpy(float), rel=1e-9, nan_ok=True
            )
    assert totals[0] > 50
    assert curves.loc[2, "position_flags"] == 4
    assert len(curves.loc[2, "lightcurve"]) == 0


def keep_entries(archive: Archive, eclipse: int, place: tuple[float, float], n: int) -> None:
    """Keep catalogue entries of a visit that are spread by half a degree, every third in FUV."""
    leg = next(leg for leg in archive.legs(eclipse) if leg.band == "NUV")
    rng = np.random.default_rng(n)
    known = {
        "source_id": [f"{eclipse}-{number}" for number in range(n)],
        "source": np.arange(n, dtype=np.int32),
        "ra": (place[0] + rng.normal(0, 0.3, n)) % 360,
        "dec": np.clip(place[1] + rng.normal(0, 0.3, n), -90, 90),
        "bands": [("NUV FUV", "NUV", "NUV")[number % 3] for number in range(n)],
    }
    columns = [pa.array(known.get(each.name, [None] * n), each.type) for each in ENTRIES]
    entries = pa.Table.from_arrays(columns, schema=ENTRIES)
    with opened(Catalogue(archive.paths)) as reader:
        store(reader, [file_of_entries(leg, None, entries, positions_digest(known))])


def test_catalogue_entries_are_exported_with_a_margin(own_archive: Path, tmp_path: Path) -> None:
    import lsdb
    from hats.io.validation import is_valid_catalog

    with Archive(own_archive) as archive:
        keep_entries(archive, 23500, STAR, n=40)
        keep_entries(archive, 23502, ACROSS_ZERO, n=20)
        made = archive.export_hats("catalogue", tmp_path / "out", most_rows=10)
        assert (made.n_rows, made.n_written) == (60, 2)
        assert made.n_partitions > 5
        assert is_valid_catalog(made.path, strict=True)
        exported = lsdb.open_catalog(made.path)
        assert exported.margin is not None
        found = exported.compute().sort_values(["eclipse", "source"])
        there = archive.query("FROM catalogue ORDER BY eclipse, source").df()
        for name in ("source_id", "ra", "dec", "bands"):
            assert found[name].tolist() == there[name].tolist()
        of_fuv = archive.export_hats("catalogue", tmp_path / "fuv", bands="FUV")
        assert of_fuv.n_rows == 14 + 7


@pytest.mark.deep  # as one of photons
def test_a_second_export_of_entries_writes_what_is_new(own_archive: Path, tmp_path: Path) -> None:
    with Archive(own_archive) as archive:
        keep_entries(archive, 23500, STAR, n=40)
        keep_entries(archive, 23502, ACROSS_ZERO, n=20)
        archive.export_hats("catalogue", tmp_path / "out", most_rows=10)
        keep_entries(archive, 23502, ACROSS_ZERO, n=21)
        again = archive.export_hats("catalogue", tmp_path / "out", most_rows=10)
        assert (again.n_rows, again.n_written, again.n_kept) == (61, 1, 1)


@pytest.fixture
def own_archive(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, sky_root)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*.parquet"))
        if ".gphoton-db" not in path.parts
    }


def test_a_second_export_writes_what_is_new(own_archive: Path, tmp_path: Path) -> None:
    from hats.io.validation import is_valid_catalog

    with Archive(own_archive) as archive:
        first = archive.export_hats("photons", tmp_path / "out", bands="FUV", most_rows=MOST_ROWS)
        assert (first.n_written, first.n_kept) == (2, 0)
        before = contents(first.path)
        # What a killed export left: a file that got its name, and one that did not.
        left = next(first.path.rglob("Npix=*"))
        shutil.copy(next(left.glob("*.parquet")), left / "e99999-nuv-0-0.parquet")
        shutil.copy(next(left.glob("*.parquet")), left / ".e99999-nuv-0-1.parquet")
        second = archive.export_hats("photons", first.path, most_rows=MOST_ROWS)
        assert (second.n_written, second.n_kept) == (5, 2)
        after = contents(second.path)
        assert before.items() <= after.items()
        assert not any("e99999" in name for name in after)
        assert is_valid_catalog(second.path, strict=True)
        fewer = archive.export_hats("photons", first.path, bands="FUV", most_rows=MOST_ROWS)
        assert (fewer.n_written, fewer.n_kept) == (0, 2)
        assert contents(fewer.path) == before


def test_what_is_no_export_is_left_alone(sky_root: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("words")
    with Archive(sky_root) as archive:
        with pytest.raises(ProductError, match="holds other files"):
            archive.export_hats("photons", other)
        assert [path.name for path in other.iterdir()] == ["chapter.txt"]
        with pytest.raises(ProductError, match="is a file"):
            archive.export_hats("photons", other / "chapter.txt")
        with pytest.raises(ProductError, match="cannot be exported"):
            archive.export_hats("galaxies", tmp_path / "new")
        with pytest.raises(ProductError, match="list of positions"):
            archive.export_hats("lightcurves", tmp_path / "new")
        with pytest.raises(ProductError, match="has no sources"):
            archive.export_hats("sources", tmp_path / "new")
        with pytest.raises(ProductError, match="most_rows is 0"):
            archive.export_hats("photons", tmp_path / "new", most_rows=0)
        assert not (tmp_path / "new").exists()
