"""Results that are streamed, and queries that Ctrl-C stops."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import psutil
import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli.rows import print_rows
from gphoton_db.errors import QueryError
from gphoton_db.query.query import prepare_session, run_query
from gphoton_db.query.row_stream import ArrowRows, RowStream
from tests.gphoton_db.archives import ROOT, start_program
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.stalled import until

JOIN = "SELECT count(*) FROM range(3000000) a JOIN range(3000000) b ON a.range < b.range + random()"
"""Hours of work."""

ONE_STEP = "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000) || range) FROM range(1)"
"""Minutes of work in one step, in which DuckDB does not look whether it was interrupted."""

FEW = "SELECT range AS a, range * 2 AS b, 'x' || range AS c FROM range(4000)"
MANY = "SELECT range AS a, range * 2 AS b, 'x' || range AS c FROM range({n})"

VALUES = {
    "TINYINT": ("-128", "127", "NULL"),
    "SMALLINT": ("-32768", "32767", "NULL"),
    "INTEGER": ("-2147483648", "2147483647", "NULL"),
    "BIGINT": ("-9223372036854775808", "9223372036854775807", "NULL"),
    "UTINYINT": ("0", "255", "NULL"),
    "USMALLINT": ("0", "65535", "NULL"),
    "UINTEGER": ("0", "4294967295", "NULL"),
    "UBIGINT": ("0", "18446744073709551615", "NULL"),
    "HUGEINT": ("-99999999999999999999999999999999999999", "1180591620717411303424", "NULL"),
    "FLOAT": ("0.1", "-0.0", "1e-45", "3.4e38", "'nan'", "'inf'", "16777217", "NULL"),
    "DOUBLE": ("0.1", "-0.0", "5e-324", "1e22", "1e15", "'nan'", "'-inf'", "NULL"),
    "BOOLEAN": ("true", "false", "NULL"),
    "VARCHAR": ("''", "'[bold]b[/bold]'", "'a' || chr(10) || 'b'", "'\u00e5\\'", "NULL"),
}
"""Values of the types that a table shows without Arrow."""

WORKED_S = 0.3
"""How long a query has kept a core busy when it is under way."""

LITTLE_MB = 30
"""What a process may take more for many rows than for few."""

WRITTEN_AT_ONCE_MB = 40
"""What it may take on top of that for a file of Parquet."""

PEAKS = """\
import json, resource, sys
from gphoton_db.cli import main
archive, *commands = sys.argv[1:]
peaks = []
for command in commands:
    sys.argv[1:] = ["--archive", archive, "sql", *json.loads(command)]
    try:
        main()
    except SystemExit as end:
        assert not end.code, command
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(*peaks, file=sys.stderr)
"""
"""Does commands one after the other, and tells the most memory that it had after each."""


def peaks_mb(root: Path, *commands: Sequence[str]) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", PEAKS, str(root), *map(json.dumps, commands)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [int(peak) / 1024 for peak in done.stderr.splitlines()[-1].split()]


@pytest.mark.parametrize(
    "many",
    [
        {
            (): 3_000_000,
            ("--format", "csv"): 1_000_000,
            ("--output", "rows.parquet"): 1_500_000,
        },
        # Takes long, and gives rows on as CSV does.
        pytest.param({("--format", "json"): 200_000}, marks=pytest.mark.deep),
    ],
)
def test_many_rows_take_no_more_memory_than_few(
    many: dict[tuple[str, ...], int], full_root: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    few = [(FEW, *options) for options in many]
    commands = [*few, *((MANY.format(n=n), *options) for options, n in many.items())]
    peaks = peaks_mb(full_root, *commands)
    assert len(peaks) == len(commands)
    for command, peak in zip(commands, peaks, strict=True):
        most = LITTLE_MB + WRITTEN_AT_ONCE_MB * ("--output" in command)
        assert peak < peaks[len(few) - 1] + most, command


def test_rows_come_in_python_too(full: Archive) -> None:
    with full.stream(MANY.format(n=250_000) + " WHERE a % ? = 0", [2]) as stream:
        assert stream.schema.names == ["a", "b", "c"]
        batches = list(stream.batches)
    assert len(batches) > 1
    assert sum(batch.num_rows for batch in batches) == 125_000
    assert full.query(FEW).arrow().num_rows == 4000


@pytest.mark.parametrize("kind", VALUES)
def test_a_table_of_few_rows_is_the_same_without_arrow(
    kind: str, full: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    values = ", ".join(f"(CAST({value} AS {kind}))" for value in VALUES[kind])
    sql = f'SELECT x AS "[x]", x AS "[x]" FROM (VALUES {values}) AS given(x)'
    with full.stream(sql) as stream:
        print_rows(RowStream(lambda: ArrowRows(stream.schema, stream.batches)))
    by_arrow = capsys.readouterr()
    with full.stream(sql) as stream:
        assert stream.plain() is not None
    with full.stream(sql) as stream:
        print_rows(stream)
    assert capsys.readouterr() == by_arrow
    assert len(by_arrow.out.splitlines()) >= len(VALUES[kind]) + 4


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP", "DECIMAL(4, 1)", "INTEGER[]", "BLOB"])
def test_other_types_come_by_arrow(kind: str, full: Archive) -> None:
    with full.stream(f"SELECT 1 AS a, CAST(NULL AS {kind}) AS b") as stream:
        assert stream.plain() is None
        assert [batch.num_rows for batch in stream.batches] == [1]


def test_rows_that_were_too_many_to_be_plain_all_come_by_arrow(full: Archive) -> None:
    with full.stream("FROM range(10_000)") as stream:
        plain = stream.plain()
        if plain is None:  # the machine is fast enough
            assert sum(batch.num_rows for batch in stream.batches) == 10_000
        else:
            assert [row for rows in plain.batches for row in rows] == [(k,) for k in range(10_000)]
    with full.stream("FROM range(3)") as stream:
        assert stream.plain() is not None
        assert stream.plain() is None
        assert [batch.num_rows for batch in stream.batches] == [3]


def test_an_error_among_plain_rows_is_one_of_ours(full: Archive) -> None:
    late = "SELECT CASE WHEN range > 1500 THEN error('too far') ELSE range END FROM range(1600)"
    with pytest.raises(QueryError, match="too far"), full.stream(late) as stream:
        stream.plain()


def test_an_error_among_the_rows_is_one_of_ours(full: Archive) -> None:
    late = "SELECT CASE WHEN range > 500000 THEN error('too far') ELSE range END FROM range(900000)"
    with pytest.raises(QueryError, match="too far"), full.stream(late) as stream:
        for _ in stream.batches:
            pass


def test_an_error_for_which_duckdb_gives_no_reason_is_looked_into(full: Archive) -> None:
    """Once in some hundred times it says that it was interrupted, by its own other thread."""
    late = "SELECT CASE WHEN range > 5000 THEN error('too far') ELSE range END FROM range(9000)"
    with pytest.raises(QueryError, match="too far"), full.stream(late):
        raise duckdb.Error('{"exception_type":"INTERRUPT","exception_message":"Interrupted!"}')


def test_a_statement_that_duckdb_stopped_is_done_again() -> None:
    with duckdb.connect() as connection:
        prepare_session(connection)
        stop = threading.Timer(0.05, connection.interrupt)
        stop.start()
        (row,) = run_query(
            connection, "SELECT count(*) AS n, sum(hash(range) % 2) AS s FROM range(50_000_000)"
        ).rows()
        stop.join()
    assert row["n"] == 50_000_000
    assert row["s"] == pytest.approx(25_000_000, rel=0.01)


def test_an_error_among_the_rows_leaves_no_file(
    cli: Cli, full_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    late = "SELECT CASE WHEN range > 500000 THEN error('too far') ELSE range END FROM range(900000)"
    done = cli("--archive", full_root, "sql", late, "--output", "rows.csv")
    assert (done.code, done.out) == (1, "")
    assert "error: " in done.err
    assert "too far" in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_reader_may_go_away(full_root: Path, tmp_path: Path) -> None:
    arguments = ["sql", MANY.format(n=3_000_000), "--format", "csv"]
    with start_program(["--archive", str(full_root), *arguments], folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert next(csv.reader(process.stdout)) == ["a", "b", "c"]
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait(timeout=120) != 0


def started(root: Path, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a query, and return when it is under way."""
    process = start_program(["--archive", str(root), *arguments], folder=folder)
    assert process.stderr is not None
    assert process.stderr.readline() == f"archive: {root}\n"
    busy = psutil.Process(process.pid).cpu_times
    so_far = sum(busy()[:2])
    # It may still import something; Ctrl-C then ends it all the same.
    until(lambda: process.poll() is not None or sum(busy()[:2]) > so_far + WORKED_S)
    return process


def test_ctrl_c_stops_a_query(full_root: Path, tmp_path: Path) -> None:
    process = started(full_root, tmp_path, "sql", JOIN, "--output", "rows.csv")
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "stopped\n")
    assert list(tmp_path.iterdir()) == []


def test_a_second_ctrl_c_ends_the_process(full_root: Path, tmp_path: Path) -> None:
    process = started(full_root, tmp_path, "sql", ONE_STEP, "--output", "rows.csv")
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "stopped\n")
    assert list(tmp_path.iterdir()) == []


def press_ctrl_c() -> None:
    """Interrupt this process when a query is under way."""

    def press() -> None:
        until(lambda: any(each.name == "gphoton-db query" for each in threading.enumerate()))
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def test_ctrl_c_stops_what_explains_a_query(cli: Cli, full_root: Path) -> None:
    press_ctrl_c()
    done = cli("--archive", full_root, "sql", "--explain", JOIN)
    assert (done.code, done.out) == (130, "")
    assert done.err == f"archive: {full_root}\nstopped\n"


def test_ctrl_c_stops_a_query_in_python(full: Archive) -> None:
    press_ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        full.query(JOIN)
    assert full.query("SELECT 1 AS x").rows() == [{"x": 1}]


def test_a_long_query_prints_no_bar_among_the_answers_of_a_program() -> None:
    # Python that runs `-c` has no file, like a terminal with a person; DuckDB tells them by that.
    program = (
        "from gphoton_db.catalogue.jail import new_session\n"
        "query = \"SELECT current_setting('enable_progress_bar')\"\n"
        "print(new_session().execute(query).fetchall())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[(False,)]\n"
