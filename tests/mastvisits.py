"""Visits for a server to serve: the aspect of asprta files as the mission's database has it."""

from collections.abc import Sequence
from pathlib import Path

from gphoton_db.aspect.asprta import read_asprta_legs
from gphoton_db.aspect.pointing import Leg
from gphoton_db.mission import Band
from gphoton_db.simulate.visit import Visit
from tests.mastserver import MastServer, Row


def aspect_rows(eclipse: int, legs: Sequence[Leg]) -> list[Row]:
    """Return the rows of ``aspect_data`` of legs."""
    return [
        [
            eclipse,
            f"e{eclipse:05d}-b{leg.number:02d}-asprta.fits.gz",
            *(int(aspect.time_ms[k]), float(aspect.ra[k]), float(aspect.dec[k])),
            *(float(aspect.roll[k]), int(aspect.flags[k])),
            *(leg.boresight.ra0, leg.boresight.dec0, leg.boresight.roll0),
        ]
        for leg in legs
        for aspect in (leg.aspect,)
        for k in range(len(aspect))
    ]


def rows_of_files(folder: Path, eclipse: int) -> list[Row]:
    """Return the rows of the asprta files in a folder."""
    return aspect_rows(eclipse, read_asprta_legs(sorted(folder.glob("*asprta*")), eclipse))


def serve(server: MastServer, *visits: Visit) -> None:
    """Serve simulated visits, perhaps of both bands of one eclipse."""
    for eclipse in {visit.eclipse for visit in visits}:
        of_it = [visit for visit in visits if visit.eclipse == eclipse]
        raw6: dict[Band, Path] = {visit.band: visit.raw6 for visit in of_it}
        folder = of_it[0].pointing
        (scst,) = folder.glob(f"e{eclipse:05d}-scst*")
        server.add_visit(eclipse, raw6=raw6, scst=scst, aspect=rows_of_files(folder, eclipse))
