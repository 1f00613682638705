"""The check of a whole archive, or of some eclipses, a block of eclipses at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.merged import FILES as MERGED_FILES
from gphoton_db.catalogue.noted import in_place
from gphoton_db.catalogue.product_notes import noted_products
from gphoton_db.catalogue.records import FileRecord, LegRecord, leg_of
from gphoton_db.intake.verify.contents import leg_messages
from gphoton_db.intake.verify.faults import Fault, Verification
from gphoton_db.intake.verify.files import (
    file_message,
    leg_file_message,
    listing_messages,
    outside_message,
)
from gphoton_db.intake.verify.leftovers import left_over
from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress, no_progress

_INDEX = """
WITH indexed AS (
    SELECT split_part(unnest(list_transform(archive_legs('ticks'), lambda each: each[9])), '|', 1)
    AS path
),
listed AS (
    SELECT path FROM leg_files WHERE kind = 'ticks'
)
(FROM indexed EXCEPT FROM listed) UNION ALL (FROM listed EXCEPT FROM indexed) LIMIT 10
"""

_SHOWN_LEFTOVERS = 20

_UNREADABLE = (duckdb.Error, OSError, ValueError, TypeError, KeyError)


def verify(
    paths: ArchivePaths,
    eclipses: Collection[int] | None = None,
    *,
    deep: bool = False,
    on_progress: Progress = no_progress,
) -> Verification:
    """Compare an archive's files with its catalogue.

    Parameters
    ----------
    paths : ArchivePaths
        The archive.
    eclipses : collection of int, optional
        Only these; None: all, with the files of the catalogue itself.
    deep : bool
        Read every byte: hashes, order, bounds and counts.
    on_progress : callable, optional
        Called with ``(stage, done, total)``.

    Raises
    ------
    ArchiveError
        If the catalogue cannot be opened at all.
    """
    with Catalogue(paths).reader() as connection:
        check = _Check(connection, paths.root, deep, on_progress)
        check.segments()
        check.index()
        check.legs(eclipses)
        check.merged()
        check.products(eclipses)
        check.survey()
        if eclipses is None:
            check.leftovers()
    return Verification(
        tuple(check.faults), tuple(check.remarks), check.n_files, check.n_bytes, deep
    )


@dataclass
class _Check:
    """What was found so far."""

    connection: duckdb.DuckDBPyConnection
    root: Path
    deep: bool
    on_progress: Progress
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    n_files: int = 0
    n_bytes: int = 0

    def segments(self) -> None:
        """Look at the catalogue's own files."""
        rows = self._rows("SELECT * FROM segments ORDER BY table_name, block", "gphoton.duckdb")
        for number, row in enumerate(rows, start=1):
            self.on_progress("catalogue", number, len(rows))
            self._listed_file("catalogue", row)

    def index(self) -> None:
        """Look whether the head's index, by which SQL finds files, has the files of all legs."""
        wrong = self._rows(_INDEX, "gphoton.duckdb")
        for row in wrong:
            message = f"its index and its list of files do not agree about {row['path']}"
            self.faults.append(Fault("catalogue", "gphoton.duckdb", message))

    def legs(self, eclipses: Collection[int] | None) -> None:
        """Look at the files of legs."""
        if eclipses is None:
            known = self._rows("SELECT DISTINCT eclipse FROM legs", "catalogue/legs")
            eclipses = [row["eclipse"] for row in known]
        blocks = defaultdict(list)
        for eclipse in sorted(set(eclipses)):
            blocks[eclipse // ECLIPSES_PER_BLOCK].append(eclipse)
        done = 0
        for block in blocks.values():
            for leg, files in self._listed(block):
                self.on_progress("files", done + block.index(leg.eclipse), len(eclipses))
                self._leg(leg, files)
            done += len(block)
            self.on_progress("files", done, len(eclipses))

    def merged(self) -> None:
        """Look at the merged files of fields with many visits."""
        rows = self._rows(f"FROM {MERGED_FILES} ORDER BY path", "gphoton.duckdb")
        for number, row in enumerate(rows, start=1):
            self.on_progress("merged files", number, len(rows))
            self._listed_file("merged", row)

    def products(self, eclipses: Collection[int] | None) -> None:
        """Look at the files that were made from the archive, which may be gone."""
        where = "true" if eclipses is None else f"eclipse IN {_list(eclipses)}"
        rows = self._rows(
            f"SELECT path, size_bytes, sha256 FROM products WHERE {where}", "catalogue"
        )
        # Not told to the catalogue yet: just being made, or in an archive that cannot be changed.
        noted = {each.record.path: each for each in noted_products(ArchivePaths(self.root))}
        for number, row in enumerate(rows, start=1):
            self.on_progress("products", number, len(rows))
            path = self.root / row["path"]
            self._count(row["size_bytes"])
            if row["path"] in noted and in_place(self.root, [noted[row["path"]]]):
                continue
            message = outside_message(path, row["size_bytes"], row["sha256"], deep=self.deep)
            if message == "is not there":
                self.remarks.append(f"{row['path']}: was made from the archive, and is gone")
            elif message:
                self.faults.append(Fault("product", row["path"], message))
        sql = f"SELECT path, n_rows, eclipse, band FROM source_files WHERE {where}"
        for row in self._rows(sql, "catalogue/source_files"):
            place = self.root / row["path"]
            size = place.stat().st_size if place.is_file() else 0
            self._count(size)
            message = file_message(self.root, row["path"], size, "", row["n_rows"], deep=False)
            if message:
                key = (row["eclipse"], row["band"])
                self.faults.append(Fault("sources", row["path"], message, *key))

    def survey(self) -> None:
        """Look at the tables that are of the whole archive: objects, and checks of astrometry."""
        for row in self._rows("FROM survey_files ORDER BY kind", "gphoton.duckdb"):
            self._listed_file("sources", row)

    def leftovers(self) -> None:
        """Look for files that nobody lists, of processes that were killed."""
        try:
            found = list(left_over(self.connection, self.root))
        except _UNREADABLE:
            return  # what is wrong with the catalogue is said already
        names = [file.relative_to(self.root).as_posix() for file in found[:_SHOWN_LEFTOVERS]]
        self.remarks += [f"{name}: no catalogue lists it; --repair removes it" for name in names]
        if len(found) > len(names):
            self.remarks.append(f"and {len(found) - len(names):,} more such files")

    def _listed_file(self, kind: str, row: dict[str, Any]) -> None:
        self._count(row["size_bytes"])
        path, deep = row["path"], self.deep
        message = file_message(
            self.root, path, row["size_bytes"], row["sha256"], row["n_rows"], deep=deep
        )
        if message:
            self.faults.append(Fault(kind, path, message))

    def _leg(self, leg: LegRecord, files: list[FileRecord]) -> None:
        key = (leg.eclipse, leg.band)
        messages = list(listing_messages(leg, files))
        whole = True
        for file in files:
            self._count(file.size_bytes)
            message = leg_file_message(self.root, leg, file, deep=self.deep)
            if message:
                whole = False
                self.faults.append(Fault("file", file.path, message, *key))
        if self.deep and whole:
            try:
                messages += leg_messages(self.root, leg, files)
            except Exception as error:  # noqa: BLE001  damaged, in a way that nobody foresaw
                messages.append(f"its files cannot be read ({type(error).__name__}: {error})")
        self.faults += [Fault("leg", leg.path, message, *key) for message in messages]

    def _listed(self, block: list[int]) -> Iterator[tuple[LegRecord, list[FileRecord]]]:
        """Yield the legs of some eclipses, with their files."""
        numbers = _list(block).replace("(", "[").replace(")", "]")
        every = "SELECT * FROM rows_of('{}', {}) ORDER BY eclipse, band, leg"
        legs = self._rows(every.format("legs", numbers), "catalogue/legs")
        sql = every.format("leg_files", numbers) + ", kind, part"
        rows = self._rows(sql, "catalogue/leg_files")
        files = defaultdict(list)
        for row in rows:
            files[row["eclipse"], row["band"], row["leg"]].append(FileRecord(**row))
        for row in legs:
            key = (row["eclipse"], row["band"], row["leg"])
            yield leg_of(row), files.pop(key, [])
        for (eclipse, band, _), left in files.items():
            message = "is listed, and its leg is not"
            self.faults += [Fault("catalogue", f.path, message, eclipse, band) for f in left]

    def _rows(self, sql: str, what: str) -> list[dict[str, Any]]:
        """Return rows of the catalogue; none, which is a fault, where they cannot be read."""
        try:
            cursor = self.connection.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except _UNREADABLE as error:
            reason = str(error).strip().splitlines()[0]
            self.faults.append(Fault("catalogue", what, f"cannot be read ({reason})"))
            return []

    def _count(self, n_bytes: int) -> None:
        self.n_files += 1
        self.n_bytes += n_bytes


def _list(eclipses: Collection[int]) -> str:
    return f"({', '.join(str(int(eclipse)) for eclipse in eclipses) or 'NULL'})"
