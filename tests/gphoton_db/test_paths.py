"""Names inside the archive, text inside SQL, and counts of progress."""

from pathlib import Path

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, leg_file, leg_folder, photon_file
from gphoton_db.progress import counter
from gphoton_db.query.sql_files import literal


def test_numbers_in_paths_are_not_padded() -> None:
    assert leg_folder("photons", Band.NUV, 42, 0) == "photons/band=NUV/eclipse=42/leg=0"
    assert photon_file(Band.FUV, 23456, 1, "abc", 2) == (
        "photons/band=FUV/eclipse=23456/leg=1/abc-2.parquet"
    )
    assert leg_file("ticks", Band.NUV, 42, 0, "abc") == (
        "ticks/band=NUV/eclipse=42/leg=0/abc.parquet"
    )


def test_everything_lies_below_the_root() -> None:
    paths = ArchivePaths(Path("/photons"))
    assert paths.catalogue == Path("/photons/gphoton.duckdb")
    for path in (paths.catalogue, paths.lock, paths.staging, paths.next_catalogue):
        assert path.is_relative_to(paths.root)
    assert len({paths.catalogue, paths.lock, paths.staging, paths.next_catalogue}) == 4


# DuckDB's text has no NUL, and Python's surrogates are no text.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(TEXT)
def test_a_literal_is_the_text_again(text: str) -> None:
    assert duckdb.sql(f"SELECT {literal(text)}").fetchall() == [(text,)]


@given(TEXT)
def test_a_literal_is_one_value_and_no_more(text: str) -> None:
    assert len(duckdb.extract_statements(f"SELECT {literal(text)}")) == 1


@given(st.lists(st.integers(0, 100)))
def test_a_counter_adds_up(steps: list[int]) -> None:
    told: list[tuple[str, int, int]] = []
    add = counter(lambda *step: told.append(step), "reading", sum(steps))
    for step in steps:
        add(step)
    assert told[0] == ("reading", 0, sum(steps))
    assert told[-1] == ("reading", sum(steps), sum(steps))
    assert len(told) == len(steps) + 1
