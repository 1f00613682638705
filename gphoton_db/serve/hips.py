"""The HiPS of the running archive: for Aladin and others that read the standard."""

import re
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np
from astropy.io import fits

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.errors import NoCoverageError
from gphoton_db.kernels.healpix import pixel_at
from gphoton_db.mission import Band
from gphoton_db.products.hips.coverage import coverage_moc
from gphoton_db.products.hips.options import LOWEST_ORDER
from gphoton_db.products.hips.pictures import Cuts, cuts_by, draw_png
from gphoton_db.products.hips.properties import properties_text, tile_properties
from gphoton_db.products.hips.tiles import Plane, fits_image, picture
from gphoton_db.serve.answers import File
from gphoton_db.serve.opened import ServedArchive, ServedLegs
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.tiles import TileMaker, TileRequest, plan_tile

HIPS_ORDER = 8
"""Of the finest tiles: pixels of 1.6 arcsec."""

_MOC_ORDER = 11
_CUTS_ORDER = 6
_FIELD_DEG = 1.5
_KEPT = 8

_TILE = re.compile(r"Norder(\d{1,2})/Dir(\d{1,9})/Npix(\d{1,9})\.(fits|png)", re.ASCII)


class ServedHips:
    """Intensity of each band as a HiPS, nothing of which is made before it is asked for.

    Parameters
    ----------
    archive : ServedArchive
        What it is of.
    maker : TileMaker
        Makes its tiles.
    """

    def __init__(self, archive: ServedArchive, maker: TileMaker) -> None:
        self._archive, self._maker = archive, maker
        self._cuts: OrderedDict[tuple[str, Band], Cuts] = OrderedDict()
        self._lock = Lock()

    def file(self, band: Band, name: str) -> File | None:
        """Return a file of a band's HiPS; None for a tile on which nothing was seen.

        Raises
        ------
        RequestError
            If there is no such file.
        """
        legs = self._archive.legs()
        if band not in legs.bands():
            raise RequestError(f"the archive has no {band}", NOT_FOUND)
        if name == "properties":
            return File(self._properties(band, legs).encode(), "text/plain; charset=utf-8")
        if name == "Moc.fits":
            return self._moc(band, legs)
        found = _TILE.fullmatch(name)
        if not found or int(found[2]) != int(found[3]) // 10_000 * 10_000:
            raise RequestError("a HiPS of this server has no such file", NOT_FOUND)
        order, number = int(found[1]), int(found[3])
        if order > HIPS_ORDER:
            raise RequestError(f"its tiles are of orders {LOWEST_ORDER} to {HIPS_ORDER}", NOT_FOUND)
        return self._tile(TileRequest(band, order, number, Plane.INTENSITY), legs, found[4])

    def _tile(self, request: TileRequest, legs: ServedLegs, ending: str) -> File | None:
        plan = plan_tile(legs, request)
        values = self._maker.values(plan)
        if values is None:
            raise RequestError("nothing was seen there", NOT_FOUND)
        content, tag = BytesIO(), plan.name
        if ending == "fits":
            header = fits.Header()
            header["BUNIT"] = request.plane.unit
            header["ORDER"] = (request.order, "HEALPix order of the tile")
            header["NPIX"] = (request.number, "number of the tile, nested")
            fits.PrimaryHDU(fits_image(values), header).writeto(content)
        else:
            cuts = self._cuts_of(request.band, legs)
            draw_png(content, picture(values), cuts)
            tag = f"{tag}-{cuts.low:.6g}-{cuts.high:.6g}"  # other ones make another picture
        kind = "application/fits" if ending == "fits" else "image/png"
        return File(content.getvalue(), kind, tag=f"{tag}-{ending}")

    def _cuts_of(self, band: Band, legs: ServedLegs) -> Cuts:
        """Return what is black and white: by the middle of the first leg's field."""
        key = legs.generation, band
        with self._lock:
            if key in self._cuts:
                return self._cuts[key]
        leg = next(leg for leg in legs.legs if leg.band == band)
        x, y, z = unit_vectors(leg.ra0, leg.dec0).tolist()
        pixel = pixel_at(z, float(np.hypot(x, y)), np.radians(leg.ra0 % 360.0), _CUTS_ORDER)
        request = TileRequest(band, _CUTS_ORDER, int(pixel), Plane.INTENSITY)
        values = self._maker.values(plan_tile(legs, request))
        cuts = cuts_by(np.empty(0) if values is None else values)
        with self._lock:
            self._cuts[key] = cuts
            while len(self._cuts) > _KEPT:
                self._cuts.popitem(last=False)
        return cuts

    def _properties(self, band: Band, legs: ServedLegs) -> str:
        cuts = self._cuts_of(band, legs)
        first = next(leg for leg in legs.legs if leg.band == band)
        return properties_text(
            {
                "creator_did": f"ivo://gphoton-db/P/GALEX/{band}/intensity",
                "obs_collection": "GALEX",
                "obs_title": f"GALEX {band} intensity, from photons",
                "obs_regime": "UV",
                "data_unit": Plane.INTENSITY.unit,
                "hips_hierarchy": "mean",
                "hips_initial_ra": f"{first.ra0:.6f}",
                "hips_initial_dec": f"{first.dec0:.6f}",
                "hips_initial_fov": f"{_FIELD_DEG:g}",
                **tile_properties(HIPS_ORDER, ("fits", "png")),
                "hips_order_min": str(LOWEST_ORDER),
                "hips_pixel_cut": f"{cuts.low:.6g} {cuts.high:.6g}",
                "hips_status": "private master unclonable",
            }
        )

    def _moc(self, band: Band, legs: ServedLegs) -> File:
        with self._archive.reader() as reader:
            try:
                moc = coverage_moc(reader, band, None, _MOC_ORDER)
            except NoCoverageError as error:
                raise RequestError(str(error), NOT_FOUND) from None
        with TemporaryDirectory(prefix="gphoton-db-moc-") as folder:
            content = moc.write(Path(folder) / "Moc.fits").read_bytes()
        return File(content, "application/fits", tag=f"{legs.generation}-{band}")
