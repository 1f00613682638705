"""An archive's folder, and those above it, may be called anything."""

import shutil
from pathlib import Path

import pytest

from gphoton_db.archive import Archive

STRANGE = ["a*b [x] it's 100%", "eclipse=7"]
OTHERS = ["a*b", "[x]", "it's", "what?", "100%", "two words", "band=NUV", "leg=3"]


@pytest.mark.parametrize(
    "name", [*STRANGE, *(pytest.param(name, marks=pytest.mark.deep) for name in OTHERS)]
)
def test_any_name_of_a_folder_gives_the_same_photons(
    name: str, fuv_root: Path, tmp_path: Path
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
