"""Tiles as answers: floats for the page."""

import numpy as np

from gphoton_db.products.hips.tiles import Plane, picture
from gphoton_db.products.sky_places import ranges_of
from gphoton_db.serve.answers import File
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.tiles import TileMaker, TileRequest, plan_tile

TILE_PARAMETERS = ("band", "order", "npix", "plane", "leg", "t0", "t1")

_HIGHEST_PIXEL = 12 * 4**11 - 1


def tile_request(asked: Parameters) -> TileRequest:
    """Return which tile is asked for.

    Raises
    ------
    RequestError
        If there is no such tile.
    """
    times = asked.times()
    ranges = None if times is None else ranges_of([times])
    return TileRequest(
        asked.band(),
        asked.whole("order", 0, 29),
        asked.whole("npix", 0, _HIGHEST_PIXEL),
        Plane.parse(asked.choice("plane", [str(plane) for plane in Plane], str(Plane.COUNT))),
        asked.leg(),
        ranges[0] if ranges else None,
    )


def float_tile(maker: TileMaker, legs: ServedLegs, request: TileRequest) -> File | None:
    """Return the pixels of a tile as pictures have them: row 0 above, float32, NaN unseen.

    Raises
    ------
    GPhotonError
        If the leg is not there, or a file cannot be read.
    """
    plan = plan_tile(legs, request)
    values = maker.values(plan)
    if values is None:
        return None
    content = np.ascontiguousarray(picture(values), "<f4").tobytes()
    return File(content, "application/octet-stream", tag=plan.name)
