"""The job of a worker that makes the catalogue of an eclipse, and what is left to do."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.gathering import GatheringCatalogue
from gphoton_db.intake.many.messages import Result
from gphoton_db.paths import ArchivePaths
from gphoton_db.pipeline.products_job import AT_A_TIME, opened
from gphoton_db.products.catalogue.make import make_catalogue
from gphoton_db.products.catalogue.options import CatalogueOptions
from gphoton_db.products.catalogue.table import mask_of_schema
from gphoton_db.products.masks.applied import absolute_mask, mask_meta
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.progress import Progress
from gphoton_db.system.inside import inside
from gphoton_db.system.memory import give_back

_STAGE = "measuring"


@dataclass(frozen=True)
class MadeCatalogue:
    """The catalogue entries of an eclipse: how many there are.

    Parameters
    ----------
    sources, in_both_bands, ambiguous : int
        All; those detected in both bands; those whose partner in the other band is not certain.
    """

    eclipse: int
    sources: int
    in_both_bands: int
    ambiguous: int

    @classmethod
    def of(cls, eclipse: int, entries: pa.Table) -> "MadeCatalogue":
        """Count the entries of an eclipse."""
        bands, flags = (entries[name].to_pylist() for name in ("bands", "match_flag"))
        both = sum(each == "NUV FUV" for each in bands)
        return cls(eclipse, len(entries), both, flags.count("ambiguous"))


@dataclass(frozen=True)
class CatalogueJob:
    """Makes the catalogue entries of all legs of an eclipse.

    Parameters
    ----------
    eclipse : int
        Which it is.
    options : CatalogueOptions
        How they are measured.
    folder : Path
        An empty folder.
    root : Path
        Of the archive.
    """

    eclipse: int
    options: CatalogueOptions
    folder: Path
    root: Path

    @property
    def name(self) -> str:
        """What it is about."""
        return f"catalogue of eclipse {self.eclipse}"

    def absolute(self) -> "CatalogueJob":
        """Return the same job for a process that works in another folder, or on another host."""
        options = replace(self.options, mask=absolute_mask(self.options.mask))
        return replace(
            self, options=options, folder=self.folder.absolute(), root=self.root.absolute()
        )

    def into(self, folder: Path) -> "CatalogueJob":
        """Return the same job, which fills another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Make the entries, and yield them.

        Raises
        ------
        GPhotonError
            If there can be none.
        """
        on_progress(_STAGE, 0, 1)
        catalogue = GatheringCatalogue(ArchivePaths(self.root), self.folder)
        with opened(catalogue) as archive:
            entries = make_catalogue(lambda: archive, self.eclipse, "all", self.options)
        made = MadeCatalogue.of(self.eclipse, entries)
        del entries
        give_back()
        yield Result(catalogue.take(), made)


def complete_eclipses(
    archive: ArchiveReader, eclipses: Sequence[int], options: CatalogueOptions
) -> set[int]:
    """Return those eclipses whose entries are there, of all legs as they are now.

    They must have been measured in the same apertures, in frames of the same length, and with the
    same mask of the detector.
    """
    done: set[int] = set()
    ordered = sorted(set(eclipses))
    for start in range(0, len(ordered), AT_A_TIME):
        done |= _complete(archive, ordered[start : start + AT_A_TIME], options)
    return done


def _complete(archive: ArchiveReader, some: Sequence[int], options: CatalogueOptions) -> set[int]:
    numbers = f"{list(some)}::INTEGER[]"
    missing: dict[int, set[int]] = defaultdict(set)
    legs = archive.rows(
        f"SELECT DISTINCT eclipse, leg FROM rows_of('legs', {numbers}) WHERE photon_t0 IS NOT NULL"
    )
    for row in legs:
        missing[row["eclipse"]].add(row["leg"])
    there = archive.rows(
        "SELECT eclipse, leg, n_rows, kind, depth, path "
        f"FROM rows_of('source_files', {numbers}) WHERE catalog = 'entries'"
    )
    framed = {
        (row["eclipse"], row["leg"])
        for row in there
        if row["kind"] == "photometry" and row["depth"] == options.depth
    }
    radii = {
        (row["eclipse"], row["leg"]): tuple(row["radii"])
        for row in archive.rows(
            "SELECT eclipse, leg, any_value(radii) AS radii FROM catalogue "
            f"WHERE eclipse IN (SELECT unnest({numbers})) GROUP BY ALL"
        )
    }
    for row in there:
        key = (row["eclipse"], row["leg"])
        same = radii.get(key) == tuple(options.radii) and (options.depth is None or key in framed)
        # Where there is no source, all ways to measure it are the same.
        if row["kind"] != "entries" or (row["n_rows"] and not same):
            continue
        if _mask_of(archive, row["path"]) == mask_meta(options.mask):
            missing[row["eclipse"]].discard(row["leg"])
    return {eclipse for eclipse in some if eclipse in missing and not missing[eclipse]}


def _mask_of(archive: ArchiveReader, path: str) -> dict[str, Any] | None:
    """Return what a file of entries says of its mask; None where it cannot be read."""
    try:
        return mask_of_schema(pq.read_schema(inside(archive.root, path)))
    except (OSError, pa.ArrowException):
        return None
