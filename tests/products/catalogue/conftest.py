"""A catalogue of the visit that both bands saw; not to be changed: `copied` ones are."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest

from gphoton_db.archive import Archive
from tests.archives import SessionArchive
from tests.shared import copied as copied_archive
from tests.shared import own_copy, shared

ECLIPSE = 23500
DEPTH = 20.0


@dataclass(frozen=True, eq=False)
class Catalogued:
    """An archive with a catalogue in frames, and what making it returned."""

    root: Path
    entries: pa.Table


@pytest.fixture(scope="session")
def catalogued(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Catalogued:
    def make(folder: Path) -> Catalogued:
        root = Path(shutil.copytree(two_bands.archive_path, folder / "archive"))
        with Archive(root) as archive:
            return Catalogued(root, archive.catalogue(ECLIPSE, depth=DEPTH))

    made = shared(tmp_path_factory, "catalogued", make)
    return replace(made, root=copied_archive(tmp_path_factory, "catalogued", made.root))


@pytest.fixture
def archive(catalogued: Catalogued) -> Iterator[Archive]:
    with Archive(catalogued.root) as opened:
        yield opened


@pytest.fixture
def copied(catalogued: Catalogued, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, catalogued.root)
