"""The file that describes a HiPS to its readers (IVOA HiPS 1.0)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gphoton_db.mission import Band
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.hips.folder import BUILDER, HipsFolder
from gphoton_db.products.hips.moc import Moc
from gphoton_db.products.hips.pictures import Cuts
from gphoton_db.products.hips.plan import HipsPlan
from gphoton_db.products.hips.tiles import TILE_SIDE, Plane, pixel_arcsec2
from gphoton_db.times import mjd

HIPS_VERSION = "1.4"

WAVELENGTHS_M = {Band.NUV: (1.771e-7, 2.831e-7), Band.FUV: (1.344e-7, 1.786e-7)}
"""Where each band begins and ends, m (Morrissey et al. 2007, ApJS 173, 682)."""

_FIELD_DEG = 1.3


def write_properties(folder: HipsFolder, plan: HipsPlan, cuts: Cuts, moc: Moc) -> None:
    """Write the properties of a HiPS whose tiles are there.

    Raises
    ------
    ProductError
        If they cannot be written.
    """
    size = sum(file.stat().st_size for file in folder.root.rglob("Norder*/**/*") if file.is_file())
    values = {
        **_content(plan),
        **tile_properties(plan.order, ("fits", "png")),
        "hips_pixel_cut": f"{cuts.low:.6g} {cuts.high:.6g}",
        "hips_estsize": str(size // 1024 + 1),
        "moc_order": str(moc.order),
        "moc_sky_fraction": f"{moc.sky_fraction:.6g}",
    }
    with being_written(folder.properties) as temporary:
        temporary.write_text(properties_text(values), "utf-8")


def tile_properties(order: int, formats: tuple[str, ...]) -> dict[str, str]:
    """Return the properties that any HiPS of our tiles has.

    Parameters
    ----------
    order : int
        Of the finest tiles.
    formats : tuple of str
        Of the tiles: ``fits``, ``png``.
    """
    date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    return {
        "hips_version": HIPS_VERSION,
        "hips_builder": _builder(),
        "hips_release_date": date,
        "hips_creation_date": date,
        "hips_status": "public master clonableOnce",
        "hips_frame": "equatorial",
        "hips_order": str(order),
        "hips_order_min": "0",
        "hips_tile_width": str(TILE_SIDE),
        "hips_tile_format": " ".join(formats),
        "hips_pixel_bitpix": "-32",
        "hips_pixel_scale": f"{pixel_arcsec2(order) ** 0.5 / 3600:.6g}",
        "dataproduct_type": "image",
    }


def properties_text(values: Mapping[str, str]) -> str:
    """Return the text of a file of properties."""
    return "".join(f"{name:<20} = {value}\n" for name, value in values.items())


def _builder() -> str:
    from gphoton_db._version import __version__

    return f"{BUILDER} {__version__}"


def _content(plan: HipsPlan) -> dict[str, str]:
    """Return the properties that say what was observed."""
    first, n_legs = plan.timed[0].leg, len(plan.timed)
    stop = max(each.intervals[-1][1] for each in plan.timed)
    shortest, longest = WAVELENGTHS_M[plan.band]
    return {
        "creator_did": f"ivo://gphoton-db/P/GALEX/{plan.band}/{plan.plane}",
        "obs_collection": "GALEX",
        "obs_title": f"GALEX {plan.band} {plan.plane}, from photons",
        "obs_description": f"{n_legs} leg{'s' * (n_legs != 1)} of GALEX; {_means(plan)}",
        "obs_regime": "UV",
        "em_min": f"{shortest:g}",
        "em_max": f"{longest:g}",
        "t_min": f"{mjd(plan.timed[0].intervals[0][0]):.8f}",
        "t_max": f"{mjd(stop):.8f}",
        "data_unit": plan.plane.unit,
        "hips_hierarchy": "sum" if plan.plane is Plane.COUNT else "mean",
        "hips_initial_ra": f"{first.ra0:.6f}",
        "hips_initial_dec": f"{first.dec0:.6f}",
        "hips_initial_fov": f"{_FIELD_DEG:g}",
    }


def _means(plan: HipsPlan) -> str:
    return {
        Plane.INTENSITY: "photons per second and square arcsecond",
        Plane.COUNT: "photons, weighted with 1 / response; a pixel is the sum of four finer ones",
        Plane.EXPOSURE: "seconds on good parts of the detector, corrected for dead time",
    }[plan.plane]
