"""Tables and exports of an eclipse that processes elsewhere make: against those of this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.lightcurves.options import MeasurementChoices

PARTS = "gphoton_db.products.lightcurves.parts"


def places_about(archive: Archive, n: int) -> pa.Table:
    """Return positions in the field of the first leg, one that is none, and one far away."""
    leg, rng = archive.legs()[0], np.random.default_rng(1)
    ra, dec = leg.ra0 + rng.normal(0, 0.2, n), leg.dec0 + rng.normal(0, 0.2, n)
    return pa.table({"ra": [*ra % 360, np.nan, leg.ra0], "dec": [*dec, 1.0, -leg.dec0 - 40]})


def rows_of_parts(folder: Path) -> pa.Table:
    """Return the rows of all files, in the order of the list, without what files say of them."""
    tables = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    rows = pa.concat_tables([table.replace_schema_metadata() for table in tables])
    order = np.argsort(rows["position"].to_numpy(), kind="stable")
    return rows.take(pa.array(order))


def assert_made_there(archive: Archive, cluster: Path, folder: Path) -> None:
    """Check all that is made of the photons of the archive's only eclipse."""
    leg = archive.legs()[0]
    assert archive.catalogue_many([leg.eclipse], cluster=cluster).complete
    places = {"ra": [leg.ra0], "dec": [leg.dec0]}
    varying = archive.variables(leg.eclipse, catalog=places, cluster=cluster)
    assert varying.num_rows > 0
    assert varying.equals(archive.variables(leg.eclipse, catalog=places, again=True))
    assert_curves_made_there(archive, cluster, folder)
    assert_exported_there(archive, cluster, folder)


def assert_curves_made_there(archive: Archive, cluster: Path, folder: Path) -> None:
    """Check that the files of the parts have the rows of the one file of this process."""
    places = places_about(archive, 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{PARTS}.LEAST_ROWS", 40)
        with one_file_away(archive):
            some = archive.lightcurves_many(places, folder / "curves", step=5, cluster=cluster)
        many = archive.lightcurves_many(places, folder / "curves", step=5, cluster=cluster)
    assert {each.part for each in some.failures} == {*many.made}
    assert many.complete
    assert len(many.made) + len(many.skipped) > 3
    whole = archive.write_lightcurves(places, folder / "whole.parquet", step=5)
    expected = pq.read_table(whole.path).replace_schema_metadata()
    assert many.n_rows == len(expected) > 100
    assert rows_of_parts(folder / "curves").to_pandas().equals(expected.to_pandas())


@contextmanager
def one_file_away(archive: Archive) -> Iterator[None]:
    """Have one of the files of photons away meanwhile."""
    (file, *_) = archive.query("FROM leg_files WHERE kind = 'photons'").rows()
    hidden = archive.paths.root / file["path"]
    away = hidden.rename(hidden.with_suffix(".away"))
    yield
    away.rename(hidden)


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a collection's rows by their names."""
    paths = (path for path in folder.rglob("*.parquet") if ".gphoton-db" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def assert_exported_there(archive: Archive, cluster: Path, folder: Path) -> None:
    """Check that exports are those of this process, and go on after what could not be done."""
    here = archive.export_hats("photons", folder / "here", most_rows=1000)
    message = r"1 of 2 parts could not .*No such file"
    with one_file_away(archive), pytest.raises(ProductError, match=message):
        archive.export_hats("photons", folder / "there", most_rows=1000, cluster=cluster)
    there = archive.export_hats("photons", folder / "there", most_rows=1000, cluster=cluster)
    assert files_of(there.path) == files_of(here.path)
    assert (there.n_rows, there.n_written) == (here.n_rows, 2)
    assert not list((there.path / ".gphoton-db" / "staging").iterdir())
    places, curves = places_about(archive, 5), MeasurementChoices(step=5)
    of_lists = [
        archive.export_hats("lightcurves", folder / name, places, curves=curves, cluster=where)
        for name, where in (("curves-there", cluster), ("curves-here", None))
    ]
    assert files_of(of_lists[0].path) == files_of(of_lists[1].path)
    assert of_lists[0].n_rows == 6
