"""Events and pointing of many legs at once: from the files of merged sets, or the legs' own."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.exposure import Ticks
from gphoton_db.paths import SECONDS
from gphoton_db.products.leg_tables import (
    LegKey,
    ListedFile,
    key_of,
    paths_of,
    rows_by_file,
)
from gphoton_db.products.merged_sets import merged_rows
from gphoton_db.products.photon_batches import Photons
from gphoton_db.products.reader import ArchiveReader, observed_span_ms, ticks_in
from gphoton_db.schemas import ASPECT, TICKS
from gphoton_db.system.threads import in_order

Ints = NDArray[np.int64]


def events_of_legs(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    spans: Sequence[Ints],
    files: Mapping[LegKey, Sequence[ListedFile]],
    threads: int,
) -> list[Ticks]:
    """Return the events of legs: by the second where their bins begin and end with whole seconds.

    Parameters
    ----------
    spans : sequence of (n, 2) int64
        The bins of each leg, GALEX ms.
    files : mapping
        As `leg_tables.files_of_legs` returns them.
    threads : int
        How many read the ticks of the others.
    """
    found: list[Ticks | None] = [None] * len(legs)
    whole = [
        k
        for k, leg in enumerate(legs)
        if _in_whole_seconds(leg, spans[k])
        and any(file.kind == SECONDS for file in files[key_of(leg)])
    ]
    read = _rows_of_legs(archive, [legs[k] for k in whole], files, SECONDS, TICKS.names)
    for k, rows in zip(whole, read, strict=True):
        found[k] = Ticks(*(rows[name] for name in TICKS.names))
    others = [k for k, events in enumerate(found) if events is None]
    ticks = (paths_of(files[key_of(legs[k])], "ticks")[0] for k in others)
    for k, events in zip(others, in_order(ticks_in, ticks, threads=threads), strict=True):
        found[k] = events
    return [events for events in found if events is not None]


def aspects_of_legs(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    files: Mapping[LegKey, Sequence[ListedFile]],
) -> list[Aspect]:
    """Return the pointing that each leg was reduced with."""
    return [
        Aspect(*(rows[name] for name in ASPECT.names))
        for rows in _rows_of_legs(archive, legs, files, "aspect", ASPECT.names)
    ]


def _rows_of_legs(
    archive: ArchiveReader,
    legs: Sequence[AnyLeg],
    files: Mapping[LegKey, Sequence[ListedFile]],
    kind: str,
    names: Sequence[str],
) -> list[Photons]:
    """Return the rows of each leg in its file of a kind."""
    merged = merged_rows(archive, legs, kind, names)
    others = [leg for leg in legs if key_of(leg) not in merged]
    paths = [paths_of(files[key_of(leg)], kind)[0] for leg in others]
    own = iter(rows_by_file(archive, paths, names))
    return [merged[key_of(leg)] if key_of(leg) in merged else next(own) for leg in legs]


def _in_whole_seconds(leg: AnyLeg, spans: Ints) -> bool:
    first, last = observed_span_ms(leg)
    return bool((((spans - first) % 1000 == 0) | (spans == last + 1)).all())
