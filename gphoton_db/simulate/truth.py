"""What a simulated visit really was: every event, and everything that shines."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.simulate.lights import Lights
from gphoton_db.simulate.observation import Observation
from gphoton_db.simulate.scene import Galaxy, Ghost, Origin, Source, rate_in

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SCHEMA = pa.schema(
    {
        "time_ms": pa.int64(),
        "origin": pa.int32(),
        "leg": pa.int32(),
        "ra": pa.float64(),
        "dec": pa.float64(),
    }
)

SOURCE_COLUMNS = (
    "number", "kind", "origin", "ra", "dec", "col", "row", "rate", "mean_rate", "light_curve",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Truth:
    """What each event of the raw6 file really was, in the file's order, all (n,).

    Parameters
    ----------
    time_ms : int64
        GALEX milliseconds.
    origin : int64
        Number of the source in the scene (galaxies count on after the sources), or an `Origin`.
    leg : int64
        The leg it arrived in; -1 in a slew, and for stims.
    ra, dec : float64
        Where it came from, deg; NaN for stims and in slews.
    """

    time_ms: Integers
    origin: Integers
    leg: Integers
    ra: Floats
    dec: Floats

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: Integers) -> "Truth":
        """Return the events at `rows`."""
        return Truth(*(column[rows] for column in vars(self).values()))


@contextmanager
def open_event_truth(path: Path) -> Iterator[pq.ParquetWriter]:
    """Open a file to which `append_truth` adds events."""
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        yield writer


def append_truth(writer: pq.ParquetWriter, truth: Truth) -> None:
    """Write more events."""
    writer.write_table(pa.table(vars(truth)).cast(SCHEMA))


def read_event_truth(path: Path) -> Truth:
    """Read all events of a visit."""
    table = pq.read_table(path, partitioning=None)
    integers = (table[name].to_numpy().astype(np.int64) for name in ("time_ms", "origin", "leg"))
    return Truth(*integers, *(table[name].to_numpy() for name in ("ra", "dec")))


def sources_csv(observation: Observation) -> str:
    """Return everything that shines as CSV: what it is, where, and how bright.

    ``number`` counts the things of a kind as the scene does; ``origin`` is what the event truth
    calls them; ``ra``, ``dec`` in deg and ``col``, ``row`` in detector pixels; ``rate`` is the
    quiescent and ``mean_rate`` the mean rate over all legs, in photons a second.
    """
    scene, lights = observation.scene, observation.lights
    things: list[tuple[str, int, Source | Galaxy | Ghost]] = [
        *(("source", number, source) for number, source in enumerate(scene.sources)),
        *(("galaxy", number, galaxy) for number, galaxy in enumerate(scene.galaxies)),
        *(("ghost", number, ghost) for number, ghost in enumerate(scene.ghosts)),
    ]
    curves = [lights.curves[row].kind if row >= 0 else "constant" for row in lights.curve]
    mean_rate = lights.rate * _mean_factors(observation, lights)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SOURCE_COLUMNS)
    for k, (kind, number, thing) in enumerate(things):
        place = (lights.origin[k], thing.ra, thing.dec, "", "")
        writer.writerow((number, kind, *place, lights.rate[k], mean_rate[k], curves[k]))
    for number, spot in enumerate(scene.hotspots):
        detector_place = (int(Origin.HOTSPOT), "", "", spot.col, spot.row)
        rate = rate_in(spot.rate, observation.band)
        writer.writerow((number, "hotspot", *detector_place, rate, rate, "constant"))
    return text.getvalue()


def _mean_factors(observation: Observation, lights: Lights) -> Floats:
    """Return the mean factor of each light's curve over the seconds of all legs."""
    seconds = np.concatenate(
        [observation.timeline.second(leg.aspect.time_ms[:-1]) for leg in observation.timeline.legs]
    )
    means = lights.factors(seconds.astype(np.float64) + 0.5).mean(axis=1)
    return np.append(means, 1.0)[lights.curve]
