"""Outlines and pauses of legs in a catalogue that was lost, from files of legs.

Of files that have all of them, and what the catalogue keeps: test_lost_catalogue.py and
test_segments.py.
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.shutter_gaps import gaps_of
from gphoton_db.errors import ArchiveError
from gphoton_db.schemas import OUTLINES_KEY
from gphoton_db.system.inside import size_inside
from gphoton_db.system.seal import KEY as SEAL_KEY
from tests.gphoton_db.test_lost_catalogue import files_of

Rows = list[dict[str, Any]]


def rows_of(root: Path, table: str) -> Rows:
    with Archive(root) as archive:
        return archive.query(f"FROM {table} ORDER BY ALL").rows()


def outlines_of(root: Path) -> Rows:
    return rows_of(root, "coverage")


def lose_the_catalogue(root: Path) -> None:
    (root / "gphoton.duckdb").unlink()
    shutil.rmtree(root / "catalogue")


def test_outlines_that_are_not_in_the_ticks_files_come_from_the_pointing(full_copy: Path) -> None:
    before = outlines_of(full_copy)
    files = [*files_of(full_copy, "ticks"), *files_of(full_copy, "ticks", "FUV")]
    for path, outlines in zip(files, (None, b"", b"damaged", b"ZGFtYWdlZA=="), strict=True):
        with pq.ParquetFile(path) as file:
            table, metadata = file.read(), dict(file.metadata.metadata)
        # As version 0.2 wrote them: without a seal, too.
        del metadata[OUTLINES_KEY], metadata[SEAL_KEY]
        if outlines is not None:
            metadata[OUTLINES_KEY] = outlines
        with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
            writer.write_table(table)
            writer.add_key_value_metadata(metadata)
    lose_the_catalogue(full_copy)
    assert outlines_of(full_copy) == before


def test_a_leg_without_good_photons_is_one_pause(full: Archive) -> None:
    leg = full.legs()[0]
    t_ms = np.array([5, 10, 100, 110])
    key = {name: getattr(leg, name) for name in ("eclipse", "band", "leg", "generation")}
    assert [vars(gap) for gap in gaps_of(leg, t_ms, np.zeros(4))] == [
        {**key, "t0_ms": None, "t1_ms": None}
    ]
    found = [(gap.t0_ms, gap.t1_ms) for gap in gaps_of(leg, t_ms, np.array([0, 2, 1, 1]))]
    assert found == [(None, 10), (10, 100), (110, None)]


def test_the_size_of_a_file_is_that_of_one_inside(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    (root / "ticks" / "leg=0").mkdir(parents=True)
    (root / "ticks" / "leg=0" / "a").write_bytes(b"12345")
    (root / "ticks" / "leg=1").symlink_to(root / "ticks" / "leg=0")
    (root / "out").symlink_to(tmp_path)
    (tmp_path / "b").write_bytes(b"")
    plain: set[str] = set()
    assert size_inside(root, "ticks/leg=0/a", plain) == 5
    assert plain == {"ticks", "ticks/leg=0"}
    assert size_inside(root, "ticks/leg=1/a", plain) == 5
    assert [size_inside(root, name, plain) for name in ("ticks/leg=0/b", "ticks", "no/b")] == [
        *(None, None, None)
    ]
    with pytest.raises(ArchiveError, match="leads out of the archive"):
        size_inside(root, "out/b", plain)
