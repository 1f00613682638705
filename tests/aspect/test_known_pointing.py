"""What there is of an eclipse, in a folder that holds the whole mission."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.aspect.read import KnownPointing, eclipse_folder, known_pointing, read_pointing
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
Dither = Callable[..., dict[str, Any]]

NOTHING = KnownPointing(refined=False, attitude=False, metadata=False)


def test_where_there_is_nothing_nothing_is_known(tmp_path: Path) -> None:
    assert known_pointing(tmp_path / "none", 23456) == NOTHING
    assert known_pointing(tmp_path, 23456) == NOTHING


def test_each_form_says_what_it_holds(
    tmp_path: Path,
    dither: Dither,
    write_asprta: Write,
    write_scst: Write,
    write_aspect_table: Write,
    write_parquet: Write,
) -> None:
    rows = dither([(10.0, 0.0)])
    for name in ("scst", "asprta", "tables", "metadata"):
        (tmp_path / name).mkdir()
    write_scst(tmp_path / "scst" / "e23456-scst.fits", rows)
    write_asprta(tmp_path / "asprta" / "e23456-b00-asprta.fits", rows)
    write_aspect_table(tmp_path / "tables" / "aspect.parquet", rows)
    write_parquet(tmp_path / "metadata" / "metadata.parquet", {"eclipse": [23456], "visit": [4]})
    assert known_pointing(tmp_path / "scst", 23456) == KnownPointing(False, True, True)
    assert known_pointing(tmp_path / "asprta", 23456) == KnownPointing(True, True, False)
    assert known_pointing(tmp_path / "tables", 23456) == KnownPointing(True, True, False)
    assert known_pointing(tmp_path / "metadata", 23456) == KnownPointing(False, False, True)
    for name in ("scst", "asprta", "tables", "metadata"):
        assert known_pointing(tmp_path / name, 11111) == NOTHING


def test_folders_and_files_of_other_eclipses_are_not_opened(
    tmp_path: Path, dither: Dither, write_aspect_table: Write
) -> None:
    own, other = eclipse_folder(tmp_path, 23456), eclipse_folder(tmp_path, 12345)
    own.mkdir()
    other.mkdir()
    write_aspect_table(own / "aspect.parquet", dither([(10.0, 0.0)]))
    (other / "aspect.parquet").write_bytes(b"damaged")
    (tmp_path / "e12345-scst.fits.gz").write_bytes(b"damaged")
    assert known_pointing(tmp_path, 23456).refined
    assert len(read_pointing(tmp_path, 23456).legs) == 1
    with pytest.raises(PointingError, match="cannot be read as Parquet"):
        known_pointing(tmp_path, 12345)
