"""Plain FITS headers and tables are read as astropy reads them, all others by astropy."""

from io import BytesIO

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.system.fits_cards import plain_header, plain_table, read_header

CARDS = {
    "WHOLE": -23500,
    "NUMBER": 1.25e-17,
    "TENTH": 0.1,
    "YES": True,
    "NO": False,
    "TEXT": "it's 'quoted'",
    "EMPTY": "",
    "SLASH": "a / b",
}


def header_of(cards: dict[str, object]) -> fits.Header:
    header = fits.Header()
    for keyword, value in cards.items():
        header[keyword] = (value, "with a comment / and a slash")
    return header


def table_of(*columns: fits.Column) -> bytes:
    file = BytesIO()
    primary = fits.PrimaryHDU(header=header_of({"ECLIPSE": 23500, "RA_CENT": 323.5}))
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns)]).writeto(file)
    return file.getvalue()


TIMES = fits.Column("t", "D", array=np.array([1.5, np.nan, -2.0]))
COLUMNS = (
    TIMES,
    fits.Column("flags", "J", array=np.array([0, 7, 2**31 - 1])),
    fits.Column("hv", "B", array=np.array([0, 1, 255], np.uint8)),
)


def test_a_plain_header_is_read_as_astropy_reads_it() -> None:
    header = header_of(CARDS)
    header["COMMENT"] = "said = of nothing"
    header["HISTORY"] = "made"
    plain = plain_header(header.tostring())
    assert plain == CARDS
    assert {keyword: type(value) for keyword, value in (plain or {}).items()} == {
        keyword: type(header[keyword]) for keyword in CARDS
    }


@pytest.mark.parametrize(
    "card",
    [
        "WHOLE   =                    7",
        "lower   =                    7",
        "NOTHING =",
        "ODD     = 1D5",
        "ODD     = 'no end",
        "ODD     = 'goes on&'",
        "ODD     =7",
        "ODD       7",
        "HIERARCH ODD = 7",
    ],
)
def test_a_header_that_is_not_plain_is_left_to_astropy(card: str) -> None:
    text = "WHOLE   =                    7".ljust(80) + card.ljust(80) + "END".ljust(80)
    assert plain_header(text.ljust(2880)) is None


def test_a_damaged_card_is_an_error_when_it_is_asked_for() -> None:
    text = ("WHOLE   = 7".ljust(80) + "ODD     = 'no end".ljust(80) + "END".ljust(80)).ljust(2880)
    header = read_header(text)
    assert ("WHOLE" in header, "ODD" in header, "NONE" in header) == (True, True, False)
    assert list(header) == ["WHOLE", "ODD"]
    with pytest.raises(ValueError, match="ODD"):
        header["ODD"]


def test_the_columns_of_a_plain_table_are_those_that_astropy_reads() -> None:
    content = table_of(*COLUMNS)
    found = plain_table(content)
    assert found is not None
    header, columns = found
    with fits.open(BytesIO(content)) as hdus:
        assert header == dict(hdus[0].header)
        assert list(columns) == hdus[1].columns.names
        for name, values in columns.items():
            expected = np.array(hdus[1].data[name])
            assert (values.shape, values.dtype) == (expected.shape, expected.dtype)
            np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize(
    "other",
    [
        fits.Column("pairs", "2D", array=np.zeros((3, 2))),
        fits.Column("name", "4A", array=np.array(["a", "b", "c"])),
        fits.Column("scaled", "I", array=np.arange(3, dtype=np.uint16), bzero=32768),
        fits.Column("masked", "J", array=np.array([0, 1, 2]), null=-1),
        fits.Column("T", "D", array=np.zeros(3)),
    ],
    ids=lambda column: str(column.name),
)
def test_a_table_that_is_not_plain_is_left_to_astropy(other: fits.Column) -> None:
    assert plain_table(table_of(TIMES, other)) is None


def test_a_file_that_is_damaged_is_left_to_astropy() -> None:
    content = table_of(*COLUMNS)
    for damaged in (
        b"",
        content[:-1],
        content[:2880],
        content + b"more",
        content.replace(b"BINTABLE", b"BINTABEL"),
        content.replace(b"TFIELDS =                    3", b"TFIELDS =                    2"),
        content.replace(b"NAXIS2  =                    3", b"NAXIS2  =                    0"),
        content.replace(b"GCOUNT  =                    1", b"GCOUNT  =                    2"),
    ):
        assert plain_table(damaged) is None
