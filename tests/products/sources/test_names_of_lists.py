"""What a list of positions is called, which its photometry is kept under."""

from pathlib import Path

import pytest

from gphoton_db.errors import ProductError
from gphoton_db.products.sources.catalog import catalog_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my.v1.csv", "my.v1"),
        ("my.v2.csv", "my.v2"),
        ("stars.fits.gz", "stars"),
        ("stars.VOT", "stars"),
        ("stars", "stars"),
        ("gaia.dr3.parquet", "gaia.dr3"),
    ],
)
def test_only_what_says_the_format_is_left_out(file: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text("ra,dec\n1,2\n")
    assert catalog_name(path).name == name


@pytest.mark.parametrize("file", ["detected.csv", "detected.fits.gz"])
def test_the_name_of_detected_sources_is_refused(file: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text("ra,dec\n1,2\n")
    with pytest.raises(ProductError, match="rename the file"):
        catalog_name(path)
