"""An archive with what its stars do in both bands; not to be changed: `copied` ones are."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star
from tests.shared import copied as copied_archive
from tests.shared import own_copy, shared

ECLIPSE = 23500
DEPTH = 5
NOWHERE = len(Star)
"""Row of the list that has no position."""


@dataclass(frozen=True, eq=False)
class Measured:
    """An archive, the file with its stars' positions, and what measuring them returned."""

    root: Path
    stars: Path
    table: pa.Table

    def row(self, star: int, band: str = "NUV") -> dict[str, Any]:
        """Return the row of a star."""
        rows = self.table.to_pylist()
        (found,) = (each for each in rows if each["source"] == star and each["band"] == band)
        return dict(found)


@pytest.fixture(scope="session")
def measured(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    def make(folder: Path) -> Measured:
        root = Path(shutil.copytree(two_bands.archive_path, folder / "archive"))
        places = [(star.ra, star.dec) for star in map(two_bands.star, Star)] + [(np.nan, np.nan)]
        stars = folder / "stars.csv"
        rows = [f"{ra},{dec}" for ra, dec in places]
        stars.write_text("\n".join(["ra,dec", *rows]) + "\n", encoding="utf-8")
        with Archive(root) as archive:
            table = archive.variables(ECLIPSE, depth=DEPTH, catalog=stars)
        return Measured(root, stars, table)

    made = shared(tmp_path_factory, "variables", make)
    return replace(made, root=copied_archive(tmp_path_factory, "variables", made.root))


@pytest.fixture
def archive(measured: Measured) -> Iterator[Archive]:
    with Archive(measured.root) as opened:
        yield opened


@pytest.fixture
def copied(measured: Measured, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, measured.root)
