"""Choices by name: read in either case, and what is no choice is refused with all that are."""

import pytest

from gphoton_db.choices import Choice
from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression
from gphoton_db.products.maps.coadd import How
from gphoton_db.products.run_options import StopAfter, TableFormat


@pytest.mark.parametrize("kind", [Compression, How, StopAfter, TableFormat])
def test_each_name_gives_its_choice(kind: type[Choice]) -> None:
    for choice in kind:
        assert kind.parse(choice) is choice
        assert kind.parse(f" {choice.value.upper()} ") is choice


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Compression, "unknown compression 'x': it is none, gzip or rice"),
        (How, "unknown way to coadd 'x': it is weighted, unweighted or sum"),
        (StopAfter, "unknown step 'x': it is photons or movies"),
        (TableFormat, "unknown format 'x': it is csv or parquet"),
    ],
)
def test_another_name_is_refused_with_those_that_there_are(
    kind: type[Choice], message: str
) -> None:
    with pytest.raises(ProductError, match=message):
        kind.parse("x")
