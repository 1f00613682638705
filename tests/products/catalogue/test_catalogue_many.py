"""Catalogues of many eclipses, which worker processes make."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, EclipseListError, ProductError
from gphoton_db.pipeline.catalogue_job import MadeCatalogue, complete_eclipses
from gphoton_db.pipeline.products_job import opened
from gphoton_db.products.catalogue.options import CatalogueOptions
from tests.archives import SessionArchive
from tests.gphoton_db.conftest import Cli
from tests.products.catalogue.conftest import DEPTH, ECLIPSE, Catalogued
from tests.shared import own_copy

UNKNOWN = 99


def entries_of(archive: Archive) -> pa.Table:
    return archive.query("FROM catalogue ORDER BY eclipse, leg, source").arrow()


def test_a_worker_makes_the_entries_that_one_call_makes(
    two_bands: SessionArchive,
    catalogued: Catalogued,
    archive: Archive,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = own_copy(tmp_path_factory, two_bands.archive_path)
    with Archive(root) as changed:
        done = changed.catalogue_many([ECLIPSE, UNKNOWN], depth=DEPTH, jobs=1)
        assert done.made == (MadeCatalogue.of(ECLIPSE, catalogued.entries),)
        assert entries_of(changed) == entries_of(archive)
        # Counts are weighted: their sum depends on the order, in which threads come.
        frames = "SELECT count(*) AS n, round(sum(counts), 6) AS counts FROM photometry"
        assert changed.query(frames).rows() == archive.query(frames).rows()
        assert not changed.verify().faults
        assert not list(changed.paths.staging.iterdir())
    ((failure,), skipped) = done.failures, done.skipped
    assert (failure.eclipse, skipped) == (UNKNOWN, ())
    assert "eclipse 99" in failure.reason
    assert changed.paths.failed_catalogues.exists()


def test_what_is_there_is_passed_over(copied: Path, cli: Cli) -> None:
    asked = ("catalogue", "--eclipses", str(ECLIPSE), "--depth", str(DEPTH))
    done = cli(f"--archive={copied}", *asked)
    assert (done.code, done.err.splitlines()[-1]) == (0, "1 skipped, made already")
    told = json.loads(cli(f"--archive={copied}", *asked, "--json").out)
    assert (told["eclipses"], [each["eclipse"] for each in told["skipped"]]) == ([], [ECLIPSE])


@pytest.mark.parametrize("options", [{"radii": (6.0, 12.8)}, {"depth": 30.0}])
def test_what_was_measured_in_another_way_is_not(options: dict[str, Any], archive: Archive) -> None:
    same = CatalogueOptions(depth=DEPTH)
    with opened(archive._catalogue) as reader:
        assert complete_eclipses(reader, [ECLIPSE, UNKNOWN], same) == {ECLIPSE}
        assert complete_eclipses(reader, [ECLIPSE], CatalogueOptions()) == {ECLIPSE}
        other = CatalogueOptions(**{"depth": DEPTH, **options})
        assert complete_eclipses(reader, [ECLIPSE], other) == set()


def test_what_cannot_be_asked_for_is_said(copied: Path, cli: Cli) -> None:
    with Archive(copied) as archive:
        with pytest.raises(EclipseListError, match="cannot be read"):
            archive.catalogue_many("none of them,")
        with pytest.raises(ProductError, match="radi"):
            archive.catalogue_many([ECLIPSE], radii=(-1.0,))
        # All is made, and nothing would be listed: it is refused all the same.
        nowhere = archive.paths.catalogue / "failed.csv"
        with pytest.raises(ArchiveError, match="is no folder"):
            archive.catalogue_many([ECLIPSE], depth=DEPTH, failed=nowhere)
    root = f"--archive={copied}"
    for wrong in (("--jobs", "2"), ("--eclipses", "1", "--leg", "0"), ()):
        words = (str(ECLIPSE), *wrong) if "--jobs" in wrong else wrong
        assert cli(root, "catalogue", *words).code == 2
