"""The catalogue's record of a leg, from the results of its reduction."""

import hashlib
from datetime import datetime
from typing import Any

from gphoton_db._version import __version__
from gphoton_db.aspect.legs import leg_geometry
from gphoton_db.aspect.pointing import Leg
from gphoton_db.aspect.sphere import bounds_of_discs
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.exposure import Exposure, exposure_between
from gphoton_db.ingest.eclipse import ReducedEclipse, ReducedLeg
from gphoton_db.mission import DETECTOR_CORNER_DEG, Band
from gphoton_db.paths import leg_folder


def leg_record(
    reduced: ReducedLeg,
    eclipse: ReducedEclipse,
    *,
    generation: str,
    ingested_at: datetime,
    full_precision: bool,
    pointing_source: str,
) -> LegRecord:
    """Return the catalogue's row of a leg.

    Parameters
    ----------
    reduced, eclipse
        The leg, and the eclipse and band that it is of.
    generation, ingested_at
        Name and start (UTC) of the ingest.
    full_precision
        Whether nothing was rounded.
    pointing_source
        Form that the pointing was read from.
    """
    leg, band = reduced.leg, eclipse.band
    middle_s = (leg.aspect.time_ms[0] + leg.aspect.time_ms[-1]) / 2000.0
    return LegRecord(
        eclipse=eclipse.eclipse,
        band=str(band),
        leg=leg.number,
        **_place(leg),
        **_exposure(reduced, band),
        **_counts(reduced),
        stim_separation=eclipse.solution.line.at(middle_s),
        separation_clamped=eclipse.solution.separation_clamped,
        time_rounding=eclipse.telemetry.rounding_s,
        full_precision=full_precision,
        pointing_source=pointing_source,
        calibration=eclipse.calibration.identifier,
        software_version=__version__,
        generation=generation,
        ingested_at=ingested_at,
        path=leg_folder("photons", band, eclipse.eclipse, leg.number),
        **_files(reduced),
    )


def _place(leg: Leg) -> dict[str, Any]:
    """Boresight, exposed field, bounds of all photons, and times of a leg."""
    geometry = leg_geometry(leg)
    even = leg.aspect.flags % 2 == 0
    bounds = bounds_of_discs(leg.aspect.ra[even], leg.aspect.dec[even], DETECTOR_CORNER_DEG)
    return {
        "ra0": leg.boresight.ra0,
        "dec0": leg.boresight.dec0,
        "roll0": leg.boresight.roll0,
        "radius": geometry.radius,
        "ra_min": bounds.ra_min,
        "ra_max": bounds.ra_max,
        "dec_min": bounds.dec_min,
        "dec_max": bounds.dec_max,
        "t0": geometry.t0_ms / 1000.0,
        "t1": geometry.t1_ms / 1000.0,
        "good_fix_seconds": float(geometry.good_s),
    }


def _exposure(reduced: ReducedLeg, band: Band) -> dict[str, Any]:
    span = reduced.photons.on_detector_ms
    ticks = reduced.photons.ticks
    exposure = exposure_between(ticks, *span, band) if span else Exposure(0.0, 0.0)
    return {
        "photon_t0": span[0] / 1000.0 if span else None,
        "photon_t1": span[1] / 1000.0 if span else None,
        "raw_exposure": exposure.raw,
        "exposure": exposure.effective,
    }


def _counts(reduced: ReducedLeg) -> dict[str, Any]:
    return {
        "n_photons": sum(file.n_photons for file in reduced.files),
        "n_unflagged": int(reduced.photons.ticks.unflagged.sum()),
        "n_no_weight": sum(file.n_no_weight for file in reduced.files),
        "n_ghost": sum(file.n_ghost for file in reduced.files),
    }


def _files(reduced: ReducedLeg) -> dict[str, Any]:
    hashes = "".join(f"{file.file.sha256}\n" for file in reduced.files)
    return {
        "n_files": len(reduced.files),
        "size_bytes": sum(file.file.size for file in reduced.files),
        "sha256": hashlib.sha256(hashes.encode()).hexdigest(),
    }
