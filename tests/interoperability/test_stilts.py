"""STILTS reads our tables, and finds nothing to complain about in VOTables."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from astropy.io import fits
from astropy.table import Table

from tests.interoperability.conftest import Program

NAMES = ("lightcurve", "lightcurves", "events", "no_events", "find", "search")


# Of a second that it runs, most goes to compiling well what is called a few times.
JAVA = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")


def stilts(program: Program, *words: str | Path) -> str:
    command = [program("stilts"), *JAVA, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("ending", [pytest.param("csv", marks=pytest.mark.deep), "fits", "vot"])
def test_stilts_reads_every_table(
    measured: dict[str, Table], files: Path, program: Program, tmp_path: Path, ending: str
) -> None:
    # Its reader of CSV takes no table without a row, whoever wrote it.
    names = [name for name in NAMES if len(measured[name]) or ending != "csv"]
    inputs = [f"in={files / name}.{ending}" for name in names]
    out = tmp_path / "all.fits"
    kind = {"vot": "votable"}.get(ending, ending)
    stilts(program, "tmulti", *inputs, f"ifmt={kind}", f"out={out}", "ofmt=fits")
    with fits.open(out) as hdus:
        for name, hdu in zip(names, hdus[1:], strict=True):
            ours, theirs = measured[name], hdu.data
            assert len(theirs) == len(ours)
            read = {column.lower() for column in hdu.columns.names}
            lost = {c.lower() for c in ours.colnames} - read - {"time"}
            assert lost == set()
            for column in set(ours.colnames) & {"t", "t0", "t1", "ra", "cps"}:
                same_numbers(ours[column], theirs[column])


def same_numbers(ours: Any, theirs: Any) -> None:
    expected = np.asarray(getattr(ours, "value", ours), float)
    np.testing.assert_array_equal(np.asarray(theirs, float), expected)


@pytest.mark.parametrize(
    "name",
    [
        "lightcurve",
        "no_events",
        "search",
        *(pytest.param(each, marks=pytest.mark.deep) for each in ("lightcurves", "events", "find")),
    ],
)
def test_votlint_finds_no_error(files: Path, program: Program, name: str) -> None:
    said = stilts(program, "votlint", f"votable={files / name}.vot")
    assert "ERROR" not in said


def test_an_empty_votable_has_the_types_of_a_full_one(files: Path) -> None:
    full, empty = (
        Table.read(files / f"{name}.vot", format="votable") for name in ("events", "no_events")
    )
    assert len(empty) == 0
    assert empty["time"].dtype.kind == full["time"].dtype.kind


@pytest.mark.parametrize("name", NAMES)
def test_the_header_of_ecsv_is_plain_yaml(
    measured: dict[str, Table], files: Path, name: str
) -> None:
    # STILTS reads the header with such a parser; Debian's has no reader of ECSV.
    lines = (files / f"{name}.ecsv").read_text("utf-8").splitlines()
    header = yaml.safe_load("\n".join(line[2:] for line in lines[1:] if line.startswith("# ")))
    columns = {column["name"]: column for column in header["datatype"]}
    assert list(columns) == measured[name].colnames
    for column in columns.values():
        assert column["datatype"] in {"bool", "string", *NUMBERS}
    for column in set(columns) & {"t0", "t", "exposure"}:
        assert columns[column]["unit"] == "s"


NUMBERS = {f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)}
