"""Reading raw6 files that are right, wrong, or damaged in every way seen or feared."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.errors import TelemetryError
from gphoton_db.ingest import raw6
from gphoton_db.ingest.raw6 import event_times_ms, open_raw6
from gphoton_db.mission import Band
from tests.ingest.telemetry_files import ECLIPSE, every_5_ms, write_telemetry

N = 20_000


def rows_in(path: Path, eclipse: int = ECLIPSE, band: Band = Band.NUV) -> NDArray[np.uint8]:
    with open_raw6(path, eclipse, band) as reader:
        return np.concatenate(list(reader.blocks()))


def refused(path: Path, reason: str, band: Band = Band.NUV) -> None:
    """Check that a file is refused, with its name and the reason in the message."""
    with pytest.raises(TelemetryError, match=rf"{path.name}: .*{reason}"):
        rows_in(path, band=band)


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raw6") / "e23500-nd-raw6.fits.gz"
    return write_telemetry(path, every_5_ms(N))


@pytest.mark.parametrize("suffix", ["fits", "fits.gz"])
def test_rows_are_those_of_the_table(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw6, "BLOCK_ROWS", 777)
    path = write_telemetry(tmp_path / f"raw6.{suffix}", every_5_ms(2_000))
    with fits.open(path, memmap=False) as hdus, open_raw6(path, ECLIPSE, Band.NUV) as reader:
        table = hdus[1].data
        blocks = list(reader.blocks())
    assert [len(block) for block in blocks] == [777, 777, 446]
    rows = np.concatenate(blocks)
    t_ms, t = event_times_ms(rows, reader.layout)
    assert np.array_equal(t, table["t"])
    assert np.array_equal(t_ms, np.rint(table["t"] * 1000))
    for k in range(5):
        assert np.array_equal(rows[:, reader.layout.first_byte + k], table[f"phb{k + 1}"])


def test_a_reader_may_be_left_before_the_end(telemetry: Path) -> None:
    with open_raw6(telemetry, ECLIPSE, Band.NUV) as reader:
        assert len(next(reader.blocks())) == N


def test_a_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.fits.gz", "cannot be opened .No such file")


def test_a_directory(tmp_path: Path) -> None:
    refused(tmp_path, "cannot be opened")


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"\0" * 10_000, b"SIMPLE  ="])
def test_a_file_that_is_not_fits(tmp_path: Path, content: bytes) -> None:
    for name, data in (("raw6.fits", content), ("raw6.fits.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name, "not a raw6 file .no FITS header")


def test_an_image(tmp_path: Path) -> None:
    path = tmp_path / "int.fits.gz"
    fits.PrimaryHDU(np.zeros((40, 30), np.float32)).writeto(path)
    refused(path, "not a raw6 file .its header lacks ECLIPSE or BAND")


def test_an_image_with_our_keywords(tmp_path: Path) -> None:
    path = tmp_path / "int.fits"
    primary = fits.PrimaryHDU(np.zeros((40, 30), np.float32))
    primary.header.update({"ECLIPSE": ECLIPSE, "BAND": 1})
    primary.writeto(path)
    refused(path, "not a raw6 file")
    fits.HDUList([primary, fits.ImageHDU(np.zeros((3, 3)))]).writeto(path, overwrite=True)
    refused(path, "HDU 1 is not a binary table")


def test_a_header_that_does_not_end(tmp_path: Path) -> None:
    path = tmp_path / "raw6.fits.gz"
    path.write_bytes(gzip.compress(b"SIMPLE  =".ljust(80) + b" " * 10_000_000, 1))
    refused(path, "not a raw6 file .its header does not end")


def test_an_image_that_is_announced_and_not_there(tmp_path: Path) -> None:
    cards = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = 999999999999999")
    header = [*cards, f"ECLIPSE = {ECLIPSE}", "BAND    = 1", "END"]
    path = tmp_path / "raw6.fits"
    path.write_bytes("".join(card.ljust(80) for card in header).ljust(2880).encode())
    refused(path, "not a raw6 file .no FITS header where one must be")


def test_another_table(tmp_path: Path) -> None:
    others = write_telemetry(tmp_path / "x.fits", every_5_ms(3), columns=("x", "y"))
    refused(others, "no column phb1, phb2, phb3, phb4, phb5")
    wide = write_telemetry(tmp_path / "wide.fits", every_5_ms(3), form="J")
    refused(wide, "column 2 has the form 'J'")
    order = ("phb2", "phb1", "phb3", "phb4", "phb5")
    mixed = write_telemetry(tmp_path / "mixed.fits", every_5_ms(3), columns=order)
    refused(mixed, "unexpected column layout")


def test_another_eclipse(telemetry: Path) -> None:
    with pytest.raises(TelemetryError, match=r"raw6.fits.gz: holds eclipse 23500, but 23501 was"):
        rows_in(telemetry, eclipse=23501)


def test_another_band(telemetry: Path) -> None:
    refused(telemetry, "holds band NUV, but FUV was asked for", band=Band.FUV)


def test_an_unknown_band(tmp_path: Path) -> None:
    header = {"ECLIPSE": ECLIPSE, "BAND": 3}
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(3), header=header)
    refused(path, "holds band 3, but NUV was asked for")


def test_an_empty_table(tmp_path: Path) -> None:
    refused(write_telemetry(tmp_path / "raw6.fits", []), "holds no events")


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.99])
def test_truncated_compressed_telemetry(telemetry: Path, tmp_path: Path, kept: float) -> None:
    data = telemetry.read_bytes()
    path = tmp_path / telemetry.name
    path.write_bytes(data[: int(kept * len(data))])
    refused(path, "damaged gzip data .*fetch it again")


def test_compressed_telemetry_without_its_last_byte(telemetry: Path, tmp_path: Path) -> None:
    path = tmp_path / telemetry.name
    path.write_bytes(telemetry.read_bytes()[:-1])
    refused(path, "damaged gzip data")


def test_a_truncated_plain_table(telemetry: Path, tmp_path: Path) -> None:
    path = tmp_path / "raw6.fits"
    data = gzip.decompress(telemetry.read_bytes())
    path.write_bytes(data[: 5760 + 14 * 12_345 + 7])
    refused(path, "truncated: 12345 of 20000 events are there; fetch the file again")


@pytest.mark.parametrize("place", [0.05, 0.5, 0.95])
def test_a_flipped_byte(telemetry: Path, tmp_path: Path, place: float) -> None:
    data = bytearray(telemetry.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    path = tmp_path / telemetry.name
    path.write_bytes(data)
    refused(path, "damaged gzip data")


@pytest.mark.parametrize("back", [8, 4], ids=["checksum", "length"])
def test_a_wrong_checksum_or_length_at_the_end(telemetry: Path, tmp_path: Path, back: int) -> None:
    data = bytearray(telemetry.read_bytes())
    data[-back] ^= 1
    path = tmp_path / telemetry.name
    path.write_bytes(data)
    refused(path, "damaged gzip data")


@pytest.mark.parametrize(
    ("keyword", "card"),
    [
        ("NAXIS2", "NAXIS2  =                   2x"),
        ("TFORM2", "TFORM2  =  B"),
        ("BAND", "BAND    =                   1'1"),
        ("TFIELDS", "TFIELDS =                  'T'"),
    ],
)
def test_a_damaged_header_card(tmp_path: Path, keyword: str, card: str) -> None:
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(30))
    data = path.read_bytes()
    at = data.index(keyword.encode())
    path.write_bytes(data[:at] + card.ljust(80).encode() + data[at + 80 :])
    refused(path, "damaged FITS header")


def with_card(path: Path, keyword: str, value: int | float, place: int = 1) -> Path:
    """Set a keyword of the table's header: in the place of one, or before its END."""
    with fits.open(path, memmap=False) as hdus:
        hdus[place].header[keyword] = value
        text = hdus[place].header.tostring()
        offset = hdus[place].fileinfo()["hdrLoc"]
    data = path.read_bytes()
    path.write_bytes(data[:offset] + text.encode() + data[offset + len(text) :])
    return path


@pytest.mark.parametrize("suffix", ["fits", "fits.gz"])
@pytest.mark.parametrize("announced", [1, N // 2, N - 1])
def test_fewer_rows_announced_than_there_are(
    telemetry: Path, tmp_path: Path, announced: int, suffix: str
) -> None:
    plain = tmp_path / "raw6.fits"
    plain.write_bytes(gzip.decompress(telemetry.read_bytes()))
    data = with_card(plain, "NAXIS2", announced).read_bytes()
    path = tmp_path / f"e23500.{suffix}"
    path.write_bytes(gzip.compress(data, 1) if suffix == "fits.gz" else data)
    refused(path, f"its header announces {announced} events .NAXIS2., and there is more data")


@pytest.mark.parametrize("behind", [b"", bytes(2880 * 30)], ids=["nothing", "zeros"])
def test_what_may_lie_behind_the_table(tmp_path: Path, behind: bytes) -> None:
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(300))
    with path.open("ab") as file:
        file.write(behind)
    assert len(rows_in(path)) == 300


def test_another_table_may_lie_behind(tmp_path: Path) -> None:
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(300))
    fits.append(path, np.ones((40, 40)))
    assert len(rows_in(path)) == 300


@pytest.mark.parametrize(
    ("keyword", "value"), [("TSCAL1", 2.0), ("TZERO1", 100.0), ("TSCAL3", -1), ("TZERO6", 128)]
)
def test_scaled_columns_are_refused(tmp_path: Path, keyword: str, value: float) -> None:
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(30))
    refused(with_card(path, keyword, value), rf"{keyword} = {value} gives column \w+ another")


def test_a_scale_that_changes_nothing_is_read(tmp_path: Path) -> None:
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(30))
    with_card(with_card(path, "TSCAL2", 1.0), "TZERO2", 0)
    assert len(rows_in(path)) == 30


def test_columns_with_a_missing_value_are_told(tmp_path: Path) -> None:
    path = with_card(write_telemetry(tmp_path / "raw6.fits", every_5_ms(30)), "TNULL3", 7)
    with open_raw6(path, ECLIPSE, Band.NUV) as reader:
        assert reader.layout.null_columns == ("phb2",)


def test_a_row_of_many_columns_is_refused(tmp_path: Path) -> None:
    names = (*(f"phb{k}" for k in range(1, 7)), *(f"more{k}" for k in range(300)))
    path = write_telemetry(tmp_path / "raw6.fits", every_5_ms(3), columns=names)
    refused(path, "unexpected column layout")


@given(st.lists(st.integers(0, 1_200_000_000_000), min_size=1, max_size=20))
def test_milliseconds_survive_as_float_seconds(times_ms: list[int]) -> None:
    packed = (np.array(times_ms) / 1000).astype(">f8").view(np.uint8).reshape(-1, 8)
    layout = raw6.Raw6Layout(n_rows=len(times_ms), row_bytes=8, time_byte=0, first_byte=0)
    assert event_times_ms(packed, layout)[0].tolist() == times_ms
