"""Links in a collection that somebody else made: nothing behind them is removed."""

from pathlib import Path

import pytest

from gphoton_db.errors import ProductError
from gphoton_db.products.hats.layout import Collection
from gphoton_db.products.hats.notes import remove_unlisted
from gphoton_db.products.hats.rows import PARTS


@pytest.mark.parametrize("place", ["dataset", "dataset/Norder=0", "dataset/Norder=0/Dir=0/Npix=1"])
def test_nothing_behind_a_link_is_removed(tmp_path: Path, place: str) -> None:
    below = Path("dataset/Norder=0/Dir=0/Npix=1").relative_to(place)
    victim = tmp_path / "elsewhere" / below / "victim.parquet"
    victim.parent.mkdir(parents=True)
    victim.write_bytes(b"victim")
    collection = Collection(tmp_path / "made", "photons", "source")
    link = collection.tables[0] / place
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ProductError, match="is a link"):
        remove_unlisted(collection, PARTS.empty_table())
    assert victim.read_bytes() == b"victim"
