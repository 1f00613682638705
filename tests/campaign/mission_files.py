"""The mission's small files, made by the simulator, and damaged."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Leg
from gphoton_db.aspect.read import read_pointing
from gphoton_db.aspect.sphere import separation
from gphoton_db.aspect.wkb import read_polygon
from gphoton_db.calibration.readers import read_file
from gphoton_db.calibration.sets import all_files
from gphoton_db.ingest.raw6 import open_raw6
from gphoton_db.mission import Band
from gphoton_db.simulate.attitude import fly
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.pointing_files import asprta_files, scst_file
from tests.campaign.damage import damaged
from tests.campaign.outcome import SilentlyWrongError, Try

ECLIPSE = 23456
START_MS = 874_361_240_995

NOTICED_DEG = 30 / 3600
"""Attitude that is off by more must be refused or said."""

CALIBRATION = ("CLK2_Sep2010.fits", "NUV_wiggle_x.fits", "fuv_dx_fdttdc_coef_0.tbl")
"""Small files of each form: a table, an image, text."""


def damaged_pointing(folder: Path, seed: int, n: int) -> Iterator[Try]:
    """Write visits of two legs, of which one file is damaged, one after the other."""
    rng = np.random.default_rng(seed)
    legs = fly([LegPlan(323.5, -2.0, duration=60), LegPlan(324.5, -2.0, duration=60)], START_MS)
    none = np.empty(0, np.int64)
    files = asprta_files(legs, ECLIPSE)
    files["e23456-scst.fits.gz"] = scst_file(
        legs, missing_ms=none, eclipse=ECLIPSE, fuv_temperature=29.0
    )
    names = list(files)
    for number in range(n):
        visit = folder / f"{number}"
        visit.mkdir()
        name = names[int(rng.integers(len(names)))]
        damage, inner = _damaged_rows(gzip.decompress(files[name]), rng)
        for other, content in files.items():
            packed = gzip.compress(inner, 1, mtime=0) if other == name else content
            (visit / other).write_bytes(packed)
        where = f"{name} {damage} (seed {seed}, {number})"
        yield Try(where, partial(_read_and_judge, visit, legs))


def damaged_telemetry(folder: Path, raw6: Path, seed: int, n: int) -> Iterator[Try]:
    """Write damaged copies of a small raw6 file of NUV, eclipse `ECLIPSE`."""
    rng, n_rows = np.random.default_rng(seed), _rows(raw6)
    content = gzip.decompress(raw6.read_bytes())
    for number in range(n):
        # Mostly headers: what is done to rows, nobody can notice.
        part = 5760 if number % 4 else len(content)
        damage, inner = damaged(content[:part], rng)
        path = folder / f"{number}-raw6.fits"
        path.write_bytes(inner + content[part:])
        where = f"raw6 {damage} (seed {seed}, {number})"
        yield Try(where, partial(_count_and_judge, path, n_rows))


def damaged_calibration(folder: Path, directory: Path, seed: int, n: int) -> Iterator[Try]:
    """Write damaged copies of the small files of a calibration directory."""
    rng = np.random.default_rng(seed)
    for number in range(n):
        name = CALIBRATION[int(rng.integers(len(CALIBRATION)))]
        damage, content = damaged((directory / name).read_bytes(), rng)
        file = replace(all_files()[name], name=f"{number}-{name}")
        (folder / file.name).write_bytes(content)
        where = f"{name} {damage} (seed {seed}, {number})"
        yield Try(where, partial(read_file, folder, file))


def damaged_regions(seed: int, n: int) -> Iterator[Try]:
    """Return damaged polygons in well-known binary."""
    rng = np.random.default_rng(seed)
    disc = shapely.Point(323.5, -2.0).buffer(0.6)
    whole = [shapely.to_wkb(disc), shapely.to_wkb(shapely.MultiPolygon([disc, disc]))]
    for number in range(n):
        damage, content = damaged(whole[number % 2], rng)
        where = f"region {damage} (seed {seed}, {number})"
        yield Try(where, partial(read_polygon, content))


def _damaged_rows(content: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """Damage bytes, or, as often, move the rows of ra, dec or roll as a whole."""
    if rng.random() < 0.5:
        return damaged(content, rng)
    header = content.rindex(b"END" + b" " * 77) // 2880 * 2880 + 2880
    text = content[:header].decode()
    at, fields = 0, {}
    rows = text[text.rindex("XTENSION") :]
    for k in range(1, int(_card(rows, "TFIELDS")) + 1):
        fields[_card(rows, f"TTYPE{k}").strip("' ")] = at
        at += {"D": 8, "J": 4, "B": 1}[_card(rows, f"TFORM{k}").strip("' ")]
    n = int(_card(rows, "NAXIS2"))
    table = np.frombuffer(content[header : header + n * at], np.uint8).reshape(n, at).copy()
    suffix = "_acs" if "ra_acs" in fields else ""
    name = str(rng.choice(["ra", "dec"])) + suffix
    column = table[:, fields[name] : fields[name] + 8].copy().view(">f8")[:, 0]
    by = float(rng.choice([0.3, 1.0, 5.0, 30.0, -0.5]))
    first = int(rng.choice([0, n // 2]))
    column[first:] += by
    table[:, fields[name] : fields[name] + 8] = column.view(np.uint8).reshape(n, 8)
    moved = f"{name} + {by:g} deg from row {first}"
    return moved, content[:header] + table.tobytes() + content[header + n * at :]


def _card(text: str, keyword: str) -> str:
    return text[text.index(f"{keyword:<8}=") + 10 :][:20].split("/")[0].strip()


def _read_and_judge(folder: Path, legs: tuple[Leg, ...]) -> None:
    """Read the pointing, and compare what is accepted without a word with the truth."""
    pointing = read_pointing(folder, ECLIPSE)
    if pointing.warnings:
        return
    for leg in pointing.legs:
        good, aspect = good_fixes(leg.aspect), leg.aspect
        for truth in (leg.aspect for leg in legs):
            _, ours, theirs = np.intersect1d(
                aspect.time_ms[good], truth.time_ms, return_indices=True
            )
            off = separation(
                aspect.ra[good][ours], aspect.dec[good][ours], truth.ra[theirs], truth.dec[theirs]
            )
            if len(ours) and float(off.max()) > NOTICED_DEG:
                raise SilentlyWrongError(f"leg {leg.number} is {off.max():.3g} deg off")


def _count_and_judge(path: Path, n_rows: int) -> None:
    """Read telemetry: all of it, or none."""
    if (n := _rows(path)) != n_rows:
        raise SilentlyWrongError(f"{n} of {n_rows} rows")


def _rows(path: Path) -> int:
    with open_raw6(path, ECLIPSE, Band.NUV) as reader:
        return sum(len(block) for block in reader.blocks())
