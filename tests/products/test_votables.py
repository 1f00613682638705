"""VOTables and packed lists of others: nothing is fetched, and no file is believed its size."""

import bz2
import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.products.apertures.votable import check_votable
from gphoton_db.system.unpacked import read_unpacked
from tests.campaign.position_lists import list_files

ZEROS = bytes(1 << 24)


@pytest.fixture(scope="module")
def lists() -> dict[str, bytes]:
    return list_files()


def refused(path: Path, reason: str) -> None:
    with pytest.raises(ProductError, match=rf"{path.name}: cannot be read as \S+ .*{reason}"):
        read_positions(path)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def with_data(votable: bytes, data: str) -> bytes:
    """Return a VOTable with other data."""
    before, _, rest = votable.partition(b"<DATA>")
    return before + b"<DATA>" + data.encode() + b"</DATA>" + rest.partition(b"</DATA>")[2]


@pytest.mark.parametrize("tag", ["STREAM", "v:STREAM", "stream"])
@pytest.mark.parametrize("place", ["file", "http"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_data_elsewhere_are_not_read(
    tmp_path: Path, lists: dict[str, bytes], tag: str, place: str, encoding: str
) -> None:
    there = {"file": f"file://{tmp_path}/secret", "http": "http://127.0.0.1:9/x"}[place]
    (tmp_path / "secret").write_bytes(np.arange(40.0).tobytes())
    data = f'<BINARY><{tag} xmlns:v="x" href="{there}" encoding="none"/></BINARY>'
    content = with_data(lists["list.vot"], data).decode()
    content = content.replace('encoding="utf-8"', f'encoding="{encoding}"', 1)
    path = written(tmp_path, "list.vot", content.encode(encoding))
    refused(path, "its data are elsewhere .*, and are not fetched: save the table with its data")


@pytest.mark.parametrize("rows", ["1000000000", "9" * 5000, "+00" + "9" * 12])
def test_more_rows_than_there_can_be(tmp_path: Path, lists: dict[str, bytes], rows: str) -> None:
    content = lists["list.vot"].replace(b"<TABLE", f'<TABLE nrows="{rows}"'.encode(), 1)
    refused(written(tmp_path, "list.vot", content), "it announces .* rows, and has")


@pytest.mark.parametrize("size", ["1000000000", "40000x40000", "9" * 5000])
def test_values_larger_than_there_can_be(
    tmp_path: Path, lists: dict[str, bytes], size: str
) -> None:
    content = lists["list.vot"].replace(b"<FIELD", f'<FIELD arraysize="{size}"'.encode(), 1)
    with pytest.raises(ProductError, match=r"arraysize|no whole XML"):
        read_positions(written(tmp_path, "list.vot", content))
    with pytest.raises(ValueError, match="arraysize"):
        check_votable(f'<TABLE><FIELD arraysize="{size}"/></TABLE>'.encode())


def test_elements_nested_without_end() -> None:
    with pytest.raises(ValueError, match="nested more than 200 deep"):
        check_votable(b"<RESOURCE>" * 100_000)


def test_entities_are_refused() -> None:
    with pytest.raises(ValueError, match="declares entities"):
        check_votable(b'<!DOCTYPE V [<!ENTITY a SYSTEM "x">]><V>&a;</V>')


@pytest.mark.parametrize(
    "name",
    [
        "list.fits.gz",
        "list.vot.gz",
        pytest.param("list.csv.gz", marks=pytest.mark.deep),
        pytest.param("list.ecsv.gz", marks=pytest.mark.deep),
    ],
)
def test_a_packed_list_of_zeros_is_not_unpacked_whole(tmp_path: Path, name: str) -> None:
    packed = gzip.compress(ZEROS, 9, mtime=0) * 12
    refused(written(tmp_path, name, packed), "it has more than 64 MB")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_lists_are_read(tmp_path: Path, lists: dict[str, bytes], pack) -> None:  # type: ignore[no-untyped-def]
    plain = read_positions(written(tmp_path, "list.vot", lists["list.vot"]))
    packed = read_positions(written(tmp_path, "packed.vot", pack(lists["list.vot"])))
    assert packed.ra.tolist() == plain.ra.tolist()


def test_lists_packed_twice_are_refused(tmp_path: Path, lists: dict[str, bytes]) -> None:
    twice = gzip.compress(bz2.compress(lists["list.vot"]))
    refused(written(tmp_path, "list.vot.gz", twice), "it is packed twice")


def test_all_formats_hold_the_same_positions(tmp_path: Path, lists: dict[str, bytes]) -> None:
    read = {
        name: read_positions(written(tmp_path, name, content))
        for name, content in lists.items()
        if not name.startswith("words")
    }
    expected = read["list.parquet"]
    for name, targets in read.items():
        assert np.allclose(targets.ra, expected.ra, atol=1e-9), name
        assert np.allclose(targets.dec, expected.dec, atol=1e-9), name


@pytest.mark.parametrize(
    ("card", "number", "reason"),
    [
        ("NAXIS   =", 2**31, "NAXIS = 2147483648"),
        ("TFIELDS =", 2**31, "TFIELDS = 2147483648"),
        ("NAXIS2  =", 10**12, "announces 27000000000000 bytes"),
        ("NAXIS1  =", -5, "announces"),
    ],
)
def test_a_fits_list_that_announces_too_much(
    tmp_path: Path, lists: dict[str, bytes], card: str, number: int, reason: str
) -> None:
    content = lists["list.fits"]
    at = content.rindex(card.encode()) + 10
    changed = content[:at] + str(number).rjust(20).encode() + content[at + 20 :]
    refused(written(tmp_path, "list.fits", changed), reason)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    refused(written(tmp_path, "list.csv", b"na\xe5me,ra,dec\nx,1,2\n"), "utf-8")


def test_what_may_be_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path, "x.gz", gzip.compress(ZEROS, mtime=0))
    assert read_unpacked(path) == ZEROS
    with pytest.raises(ValueError, match="more than 2 MB"):
        read_unpacked(path, 2_000_000)
    assert read_unpacked(written(tmp_path, "plain", b"abc")) == b"abc"
