"""The refined aspect from the service, on its way into the tables that the readers know."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.aspect.read import read_pointing
from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.pointing import aspect_in, fetch_pointing, query_aspect, store_aspect
from gphoton_db.system.fetched import read_fetched
from tests import mastfaults
from tests.mastserver import MastServer, Row
from tests.mastvisits import aspect_rows

START_MS = 874_361_240_995
SQL = "from aspect_data where eclipse=23500"


def leg(number: int, start_s: int, ra0: float, *, seconds: int = 40) -> Leg:
    step = np.arange(seconds)
    return Leg(
        number,
        Boresight(ra0, -2.0, 112.7),
        Aspect(
            START_MS + (start_s + step) * 1000,
            ra0 + 0.001 * np.sin(step),
            -2.0 + 0.001 * np.cos(step),
            np.full(seconds, 112.7) + 1e-5 * step,
            (step < 2).astype(np.int64),
        ),
    )


LEGS = (leg(0, 0, 359.9995), leg(1, 60, 10.0), leg(3, 120, 359.9995))


@pytest.fixture
def rows() -> list[Row]:
    return aspect_rows(23500, LEGS)


def assert_same(found: tuple[Leg, ...], expected: tuple[Leg, ...]) -> None:
    assert [leg.number for leg in found] == [leg.number for leg in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.boresight == other.boresight
        for column in ("time_ms", "ra", "dec", "roll", "flags"):
            actual, wanted = getattr(one.aspect, column), getattr(other.aspect, column)
            assert np.array_equal(actual, wanted % 360 if column == "ra" else wanted)


def test_legs_and_boresights_come_back_exactly(
    client: Client, server: MastServer, rows: list[Row], tmp_path: Path
) -> None:
    server.add_visit(23500, aspect=rows)
    assert fetch_pointing(client, 23500, tmp_path)
    pointing = read_pointing(tmp_path, 23500)
    assert pointing.source == "consolidated"
    assert_same(pointing.legs, LEGS)
    assert not fetch_pointing(client, 23500, tmp_path)
    assert server.asked(SQL) == 1
    names = {"e23500/aspect.parquet", "e23500/boresight.parquet"}
    assert set(read_fetched(tmp_path)) == names
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert there == {*names, "fetched.jsonl"}


def test_order_and_repetition_do_not_matter(
    client: Client, server: MastServer, rows: list[Row], tmp_path: Path
) -> None:
    server.add_visit(23500, aspect=mastfaults.shuffled(rows))
    fetch_pointing(client, 23500, tmp_path)
    assert_same(read_pointing(tmp_path, 23500).legs, LEGS)


def test_a_number_that_no_leg_can_have_is_not_taken(rows: list[Row]) -> None:
    one_leg = [[*row[:1], f"e23500-b{'9' * 30}-asprta.fits", *row[2:]] for row in rows[:40]]
    assert aspect_in(one_leg, 23500).numbers.tolist() == [0]


def test_legs_are_counted_where_no_name_has_a_number(rows: list[Row], tmp_path: Path) -> None:
    for row in rows:
        row[1] = "" if row[1].startswith("e23500-b01") else f"{row[1][:10]}.fits"
    store_aspect(aspect_in(rows, 23500), tmp_path / "e23500", "somewhere")
    assert [leg.number for leg in read_pointing(tmp_path, 23500).legs] == [0, 1, 2]


def changed(row: int, column: int, value: object) -> Callable[[list[Row]], None]:
    def change(rows: list[Row]) -> None:
        rows[row][column] = value

    return change


def repeated(column: int, value: object) -> Callable[[list[Row]], None]:
    def change(rows: list[Row]) -> None:
        rows.append([*rows[5][:column], value, *rows[5][column + 1 :]])

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (list.clear, "has no refined aspect of eclipse 23500.*--pointing"),
        (repeated(3, 1.0), r"two rows of t = 874361245.995 that contradict each other"),
        (repeated(7, 1.0), "contradict each other"),
        (repeated(1, "e23500-b09-asprta.fits"), "contradict each other"),
        (changed(50, 1, "e23500-b00-asprta.fits.gz"), "mixes the rows of different legs"),
        (changed(5, 0, 23501), "rows of another eclipse"),
        (changed(5, 2, 874361245995.5), "not whole as it should be"),
        (changed(5, 3, None), "a number that is missing"),
        (changed(5, 3, "west"), "something that is no number"),
        (changed(5, 3, 10**400), "something that is no number"),
        (changed(5, 3, [1.0]), "something that is no number"),
        (lambda rows: rows.__setitem__(slice(None), [[[x] for x in row] for row in rows]),
         "something that is no number"),
        (changed(5, 2, 10**300), "beyond all bounds"),
        (changed(5, 6, 2**40), "beyond all bounds"),
        (changed(5, 3, 1e9), "beyond all bounds"),
        (changed(5, 1, "x" * 10_000), "a file name of more than 200 characters"),
        (changed(5, 4, -91.0), "declination outside"),
        (changed(5, 8, 90.1), "declination outside"),
        (lambda rows: rows[5].pop(), "without the 10 columns"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_right_are_refused(
    change: Callable[[list[Row]], None],
    complaint: str,
    rows: list[Row],
    client: Client,
    server: MastServer,
    tmp_path: Path,
) -> None:
    change(rows)
    server.add_visit(23500, aspect=rows)
    with pytest.raises(ServiceError, match=complaint):
        fetch_pointing(client, 23500, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_with_an_error_stores_nothing(
    client: Client, server: MastServer, rows: list[Row], tmp_path: Path
) -> None:
    server.add_visit(23500, aspect=rows)
    server.misbehave(SQL, mastfaults.error("no such table"), mastfaults.content(b"<html>"))
    for complaint in ("no such table", "not the service's JSON"):
        with pytest.raises(ServiceError, match=complaint):
            fetch_pointing(client, 23500, tmp_path)
        assert list(tmp_path.iterdir()) == []
    assert len(query_aspect(client, 23500).time_ms) == len(rows)


def test_tables_of_a_half_written_eclipse_do_not_count(
    client: Client, server: MastServer, rows: list[Row], tmp_path: Path
) -> None:
    server.add_visit(23500, aspect=rows)
    fetch_pointing(client, 23500, tmp_path)
    (tmp_path / "e23500" / "aspect.parquet").rename(tmp_path / "e23500" / "aspect.parquet.part")
    assert fetch_pointing(client, 23500, tmp_path)
    assert_same(read_pointing(tmp_path, 23500).legs, LEGS)
