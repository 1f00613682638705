"""What is asked for, in all the ways in which it can be said."""

from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.errors import ArchiveError, EclipseListError
from gphoton_db.intake.many.eclipse_list import EclipseBand, eclipse_bands, read_eclipses
from gphoton_db.intake.many.failed_list import Failure, check_writable, read_failed, write_failed
from gphoton_db.mission import Band

NUV, FUV = Band.NUV, Band.FUV


def written(folder: Path, text: str, name: str = "list.txt") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def pairs(wanted: tuple[EclipseBand, ...]) -> list[tuple[int, Band]]:
    return [(each.eclipse, each.band) for each in wanted]


@pytest.mark.parametrize(
    ("text", "eclipses"),
    [
        ("23456", [23456]),
        ("23400-23403", [23400, 23401, 23402, 23403]),
        ("5, 3,3 ,4-5", [5, 3, 4]),
    ],
)
def test_numbers_ranges_and_lists(text: str, eclipses: list[int]) -> None:
    assert pairs(read_eclipses(text, [NUV])) == [(eclipse, NUV) for eclipse in eclipses]


def test_every_eclipse_in_every_band() -> None:
    assert pairs(read_eclipses("1-2", [NUV, FUV])) == [(1, NUV), (1, FUV), (2, NUV), (2, FUV)]


def test_a_file_of_lines(tmp_path: Path) -> None:
    text = "# mine, all of them\n23456\n\n  23400-23401  # two, of one field\n# 1\n23456\n"
    assert pairs(read_eclipses(written(tmp_path, text), [NUV])) == [
        (23456, NUV),
        (23400, NUV),
        (23401, NUV),
    ]


def test_standard_input() -> None:
    assert pairs(read_eclipses("-", [FUV], standard_input=["7\n", "# 8\n", "9\n"])) == [
        (7, FUV),
        (9, FUV),
    ]


def test_a_table_names_bands_where_it_does(tmp_path: Path) -> None:
    text = '# found by me\nname,Eclipse,band\n"a, b",23456,fuv\nc,23457,\n'
    path = written(tmp_path, text, "list.csv")
    assert pairs(read_eclipses(path, [NUV])) == [(23456, FUV), (23457, NUV)]


def test_a_parquet_table(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"eclipse": [3, 1], "band": ["NUV", None], "x": [0, 0]}), path)
    assert pairs(read_eclipses(path, [FUV])) == [(3, NUV), (1, FUV)]
    pq.write_table(pa.table({"visit": [3]}), path)
    with pytest.raises(EclipseListError, match="has no column eclipse"):
        read_eclipses(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("23456\nx\n", r"list\.txt, line 2: 'x' is no eclipse"),
        ("1\n2-\n3.5\n", r"line 2: '2-' is no eclipse .* \(and 1 more such lines\)"),
        ("9-3\n", "'9-3': eclipses go from 1 to 99999"),
        ("100000\n", "eclipses go from 1 to 99999"),
        ("# nothing\n", "names no eclipse"),
        ("eclipse,band\n# a\n23456,XUV\n", "line 3: unknown band 'XUV'"),
        ("eclipse,band\n,NUV\n", "line 2: .* is no eclipse"),
    ],
)
def test_lines_that_make_no_sense_are_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(EclipseListError, match=message):
        read_eclipses(written(tmp_path, text), [NUV])


@pytest.mark.parametrize("text", ["", " ", ","])
def test_an_empty_list_is_no_folder(text: str) -> None:
    with pytest.raises(EclipseListError, match=r"^the list of eclipses is empty$"):
        read_eclipses(text, [NUV])


def test_without_a_band_nothing_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(EclipseListError, match="comes without a band"):
        read_eclipses("23456")
    with pytest.raises(EclipseListError, match="cannot be read"):
        read_eclipses(str(tmp_path / "none.txt"), [NUV])
    written(tmp_path, "", "noise").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EclipseListError, match="it is not text"):
        read_eclipses(tmp_path / "noise", [NUV])


def test_numbers_and_pairs_from_python() -> None:
    assert pairs(eclipse_bands([5, (6, "fuv"), 5], [NUV])) == [(5, NUV), (6, FUV)]
    with pytest.raises(EclipseListError, match="is no eclipse"):
        eclipse_bands([-5], [NUV])


def test_the_list_of_failures_is_a_list_of_eclipses(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    failures = [Failure(7, FUV, 'a "file",\nwhich'), Failure(5, NUV, "none")]
    write_failed(path, failures, attempted={each.what for each in failures})
    assert pairs(read_eclipses(path)) == [(5, NUV), (7, FUV)]
    assert read_failed(path) == (Failure(5, NUV, "none"), Failure(7, FUV, 'a "file", which'))


def test_what_was_not_tried_again_stays_in_the_list(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    both = {EclipseBand(5, NUV), EclipseBand(7, FUV)}
    write_failed(path, [Failure(5, NUV, "a"), Failure(7, FUV, "b")], attempted=both)
    write_failed(path, [], attempted={EclipseBand(5, NUV)})
    assert read_failed(path) == (Failure(7, FUV, "b"),)
    write_failed(path, [], attempted={EclipseBand(7, FUV)})
    assert not path.exists()


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, "star,flux\nA,1\n", "results.csv")
    with pytest.raises(EclipseListError, match="is not overwritten"):
        write_failed(path, [Failure(5, NUV, "a")], attempted=[])
    assert path.read_text() == "star,flux\nA,1\n"


def test_a_list_that_could_not_be_written_is_refused_at_once(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folders" / "failed.csv")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArchiveError, match=r"failed\.csv: cannot be written \(.*file is no folder"):
        check_writable(tmp_path / "file" / "failed.csv")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    lines = text.splitlines(keepends=True)
    with suppress(EclipseListError):
        assert all(1 <= each.eclipse for each in read_eclipses("-", [NUV], standard_input=lines))
