"""The outlines of legs in a catalogue that was lost: one block of eclipses after the other.

They are all but a hundredth of the catalogue.  So they go from the files that have them to the
catalogue's own without a table in between, and a file that has just what it should stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from gphoton_db.catalogue.coverage import CoverageRecord, KnownLeg, SeenLeg, coverage_in
from gphoton_db.catalogue.kept import block_of, newest_files, read_kept
from gphoton_db.catalogue.segment_files import (
    ECLIPSES_PER_COVERAGE_BLOCK,
    NO_ECLIPSE,
    ORDER,
    SegmentFile,
    write_segment,
)
from gphoton_db.catalogue.staged import FoundBlock
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, leg_file

TABLE = "coverage"

SCHEMA = pa.schema(
    {
        "eclipse": pa.int32(),
        "band": pa.string(),
        "leg": pa.int32(),
        "generation": pa.string(),
        "partial": pa.binary(),
        "full_field": pa.binary(),
        "full_370": pa.binary(),
        "full_350": pa.binary(),
        "source": pa.string(),
    }
)

Key = tuple[int, str, int, str]
"""Eclipse, band, number and generation of a leg."""


@dataclass(frozen=True)
class KeptCoverage:
    """What a lost catalogue left: by block the files with outlines; and the legs that are known."""

    root: Path
    files: Mapping[int, Path]
    legs: pa.Table

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, paths: ArchivePaths) -> "KeptCoverage":
        """Return it for a catalogue whose table ``legs`` has the legs that were kept."""
        files = {block_of(path): path for path in newest_files(paths, TABLE)}
        legs = connection.execute(
            "SELECT eclipse, band, leg, generation, ra0, dec0, roll0 FROM legs ORDER BY eclipse"
        ).to_arrow_table()
        return cls(paths.root, files, legs)

    def known_in(self, block: int) -> list[KnownLeg]:
        """Return the known legs of a block."""
        edges = [ECLIPSES_PER_COVERAGE_BLOCK * number for number in (block, block + 1)]
        first, last = self.legs["eclipse"].to_numpy().searchsorted(edges)
        return [KnownLeg(**row) for row in self.legs.slice(first, last - first).to_pylist()]

    def file_of(self, commit: str, found: FoundBlock) -> SegmentFile | None:
        """Return the file with the outlines of a block, which is written if it is not there.

        Outlines that were kept count, for they may have been imported; those of other legs come
        from their ticks files, or are worked out.

        Parameters
        ----------
        commit : str
            Part of the names of new files.
        found : FoundBlock
            The block, with the legs that were not known.
        """
        legs: dict[Key, SeenLeg] = {_key(leg): leg for leg in self.known_in(found.block)}
        legs |= {_key(leg): leg for band in found.bands for leg in band.legs}
        stored = {_key(each): each for band in found.bands for each in band.coverage}
        path = self.files.get(found.block)
        kept = read_kept(self.root, TABLE, path) if path else None
        rows = SCHEMA.empty_table()
        if kept is not None and kept[1].schema.equals(SCHEMA):
            rows = _of_legs(kept[1], legs)
        have = set(_keys(rows))
        new = [
            stored.get(key) or self._looked_up(leg) for key, leg in legs.items() if key not in have
        ]
        new_rows = pa.Table.from_pylist([vars(each) for each in new if each], SCHEMA)
        if kept is not None and len(rows) == kept[0].n_rows and not len(new_rows):
            return kept[0]
        every = pa.concat_tables([rows, new_rows])
        if not len(every) and found.block != NO_ECLIPSE:
            return None
        in_order = every.sort_by([(name, "ascending") for name in ORDER[TABLE].split(", ")])
        return write_segment(self.root, TABLE, commit, (found.block, in_order))

    def _looked_up(self, leg: SeenLeg) -> CoverageRecord | None:
        key = Band(leg.band), leg.eclipse, leg.leg, leg.generation
        ticks, aspect = (self.root / leg_file(kind, *key) for kind in ("ticks", "aspect"))
        return coverage_in(leg, ticks, aspect)


def _of_legs(rows: pa.Table, legs: Mapping[Key, SeenLeg]) -> pa.Table:
    """Return the rows of some legs, each once."""
    wanted = dict.fromkeys(legs, True)
    chosen = [wanted.pop(key, False) for key in _keys(rows)]
    return rows if all(chosen) else rows.filter(pa.array(chosen, pa.bool_()))


def _keys(rows: pa.Table) -> Iterable[Key]:
    names = ("eclipse", "band", "leg", "generation")
    return zip(*(rows[name].to_pylist() for name in names), strict=True)


def _key(leg: SeenLeg | CoverageRecord) -> Key:
    return leg.eclipse, leg.band, leg.leg, leg.generation
