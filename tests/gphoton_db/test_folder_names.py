"""An archive's folder, and those above it, may be called anything."""

import shutil
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from tests.examples import deep
from tests.gphoton_db.archives import Sources, count, ingest

STRANGE = ["a*b", "[x]", "it's", "eclipse=7"]
OTHERS = ["what?", "100%", "two words", "band=NUV", "leg=3"]


@pytest.mark.parametrize("name", [*STRANGE, *(OTHERS if deep() else ())])
def test_any_name_of_a_folder_gives_the_same_photons(
    name: str, fuv_root: Path, fuv: Sources, tmp_path: Path
) -> None:
    place = tmp_path / name / "archive" if "=" in name else tmp_path / name
    shutil.copytree(fuv_root, place)
    statement = (
        "SELECT eclipse, band, leg, count(*) AS n, sum(t_ms) AS t FROM {} WHERE eclipse = 23500 "
        "GROUP BY ALL ORDER BY ALL"
    )
    with Archive(fuv_root) as archive, Archive(place) as strange:
        for view in ("photons", "ticks", "aspect"):
            expected = archive.query(statement.format(view)).rows()
            assert strange.query(statement.format(view)).rows() == expected
            assert len(expected) == 2
        field = archive.legs()[0]
        curve = f"FROM lightcurve({field.ra0}, {field.dec0}, 60, 10)"
        assert strange.query(curve).rows() == archive.query(curve).rows() != []


def test_an_ingest_into_a_folder_with_a_question_mark(fuv: Sources, tmp_path: Path) -> None:
    with Archive(tmp_path / "what?" / "archive", create=True) as archive:
        ingest(archive, fuv)
        assert count(archive, "photons") == sum(leg.n_photons for leg in archive.legs()) > 0
