"""Consolidated tables: Parquet files that hold the pointing of the whole mission.

A directory holds them as ``aspect``, ``boresight``, ``metadata`` and ``leg-aperture``
(``.parquet``), in any case, with or without ``-``, ``_`` and a number behind
(``aspect2.parquet``).  All but the first may be missing: legs then come from the aspect alone, and
metadata and coverage from elsewhere.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from gphoton_db.aspect.attitude_rows import aspect_of
from gphoton_db.aspect.legs import (
    LegStart,
    legs_from_aspect,
    legs_from_boresights,
)
from gphoton_db.aspect.pointing import Aspect, Leg, VisitMetadata
from gphoton_db.aspect.scst import VOLTAGE_COLUMNS, flags_at_voltage
from gphoton_db.aspect.tables import numeric_columns, read_eclipse_rows
from gphoton_db.errors import PointingError

log = logging.getLogger(__name__)

_TABLE_NAME = re.compile(r"(aspect|boresight|metadata|legaperture)(v?\d+)?")
WHOLE_FIELDS = frozenset({"visit", "plan_id", "planned_legs"})
TEXT_FIELDS = frozenset({"plan_type", "plan_subtype"})
"""Fields of `VisitMetadata` that are whole numbers, and text; the others are numbers."""


@dataclass(frozen=True)
class ConsolidatedTables:
    """The Parquet files of one release.

    Parameters
    ----------
    aspect : tuple of Path
        Tables of attitude, the preferred one first: ``aspect2`` and the like, which hold coarse
        attitude in some releases, come after ``aspect``.
    boresight, metadata, leg_aperture : Path or None
        The other tables, where there are any.
    """

    aspect: tuple[Path, ...]
    boresight: Path | None
    metadata: Path | None
    leg_aperture: Path | None = None

    @classmethod
    def among(cls, files: Iterable[Path]) -> "ConsolidatedTables":
        """Return the tables among some files, by their names."""
        named: dict[str, list[Path]] = defaultdict(list)
        for file in sorted(files, key=lambda f: (len(f.name), f.name)):
            match = _TABLE_NAME.fullmatch(re.sub("[-_]", "", file.stem.lower()))
            if match and file.suffix.lower() == ".parquet":
                named[match[1]].append(file)
        return cls(
            aspect=tuple(named["aspect"]),
            boresight=next(iter(named["boresight"]), None),
            metadata=next(iter(named["metadata"]), None),
            leg_aperture=next(iter(named["legaperture"]), None),
        )


def read_consolidated_legs(
    tables: ConsolidatedTables, eclipse: int
) -> tuple[tuple[Leg, ...], tuple[Path, ...]]:
    """Read the legs of an eclipse.

    Returns
    -------
    legs : tuple of Leg
        By the boresight table, or from the aspect alone where that says nothing of the eclipse.
    files : tuple of Path
        The tables that they came from; none if no table of attitude has rows of this eclipse.

    Raises
    ------
    PointingError
        If a table is damaged or lacks columns, or its rows are contradictory or impossible.
    """
    for file in tables.aspect:
        aspect = _read_aspect(file, eclipse)
        if aspect is None:
            continue
        starts = []
        if tables.boresight is not None:
            starts = _read_leg_starts(tables.boresight, eclipse)
        if tables.boresight is None or not starts:
            log.info("eclipse %d: no boresight table has it; legs from the aspect", eclipse)
            return legs_from_aspect(aspect), (file,)
        try:
            return legs_from_boresights(aspect, starts), (file, tables.boresight)
        except PointingError as error:
            raise PointingError(f"{tables.boresight}: eclipse {eclipse}: {error}") from error
    return (), ()


def read_consolidated_metadata(path: Path, eclipse: int) -> VisitMetadata | None:
    """Read an eclipse's row of the metadata table; None where there is none.

    Raises
    ------
    PointingError
        If the table is damaged, or it has more than one row of this eclipse.
    """
    names = [f.name for f in fields(VisitMetadata) if f.name != "eclipse"]
    table = read_eclipse_rows(path, eclipse, required=(), optional=names)
    if table.num_rows > 1:
        raise PointingError(
            f"{path}: {table.num_rows} rows of eclipse {eclipse}, where one is expected"
        )
    if not table.num_rows:
        return None
    texts = TEXT_FIELDS & set(table.column_names)
    known: dict[str, Any] = {
        name: str(table[name][0]).strip() for name in texts if table[name][0].is_valid
    }
    for name, (value,) in numeric_columns(table.drop_columns([*texts, "eclipse"]), path).items():
        if np.isfinite(value):
            known[name] = round(value) if name in WHOLE_FIELDS else float(value)
    if "planned_legs" in known:
        known["planned_legs"] = max(known["planned_legs"], 1)
    return VisitMetadata(eclipse, **known)


def check_flags(columns: Collection[str], path: Path) -> None:
    """Refuse a table of attitude of which no column says when it may be used.

    Raises
    ------
    PointingError
        If it has neither flags (refined aspect) nor voltage states (coarse).
    """
    if not {"flags", *VOLTAGE_COLUMNS} & set(columns):
        raise PointingError(
            f"{path}: column(s) missing: flags (or {' and '.join(VOLTAGE_COLUMNS)})"
        )


def _read_aspect(path: Path, eclipse: int) -> Aspect | None:
    """Read an eclipse's attitude: refined (with flags), or coarse (with voltage states)."""
    table = read_eclipse_rows(
        path,
        eclipse,
        required=("time", "ra", "dec", "roll"),
        optional=("flags", *VOLTAGE_COLUMNS),
    )
    if not table.num_rows:
        return None
    columns = numeric_columns(table, path)
    check_flags(columns, path)
    if "flags" not in columns:
        never = np.zeros(table.num_rows)
        columns["flags"] = flags_at_voltage(*(columns.get(n, never) for n in VOLTAGE_COLUMNS))
    return aspect_of(columns, path)


def _read_leg_starts(path: Path, eclipse: int) -> list[LegStart]:
    """Read an eclipse's rows of the boresight table, which counts legs from 1."""
    table = read_eclipse_rows(
        path, eclipse, required=("leg", "start", "ra0", "dec0"), optional=("roll0",)
    )
    columns = numeric_columns(table, path)
    leg, start = columns["leg"], columns["start"]
    if not (np.isfinite(start).all() and (leg >= 1).all() and (leg % 1 == 0).all()):
        raise PointingError(
            f"{path}: eclipse {eclipse} has a leg without a start, or whose number is not 1, 2, ..."
        )
    return [
        LegStart(
            number=int(leg[i]) - 1,
            start_ms=round(start[i] * 1000),
            **{
                name: float(columns[name][i])
                for name in ("ra0", "dec0", "roll0")
                if name in columns and np.isfinite(columns[name][i])
            },
        )
        for i in range(table.num_rows)
    ]
