"""Stims, calibration and pointing of an eclipse, solved into what the kernels take."""

from concurrent.futures import Future
from dataclasses import dataclass

from gphoton_db.aspect.pointing import Pointing
from gphoton_db.calibration import CalibrationSet
from gphoton_db.errors import ReductionError
from gphoton_db.ingest.detector import check_separation, detector_tables
from gphoton_db.ingest.kernels.detector import DetectorTables
from gphoton_db.ingest.leg import EclipseReduction
from gphoton_db.ingest.post_csp import StimSolution, kernel_tables, solve_stims
from gphoton_db.ingest.scan import Telemetry
from gphoton_db.ingest.sky import eclipse_sky
from gphoton_db.ingest.stims import SeparationLine, separation_line
from gphoton_db.mission import centre_scale, epoch_of


@dataclass(frozen=True)
class Solution:
    """What the kernels take, and the separation line behind it."""

    reduction: EclipseReduction
    line: SeparationLine
    separation_clamped: bool


def solve(
    telemetry: Telemetry,
    pointing: Pointing,
    calibration: CalibrationSet,
    *,
    clamp_separation: bool,
) -> Solution:
    """Find what the reduction of all legs of an eclipse has in common.

    Parameters
    ----------
    telemetry, pointing, calibration
        Of one band of the eclipse.
    clamp_separation : bool
        Use the nearest layer where the stim separation leaves the distortion cube.

    Raises
    ------
    ReductionError
        If the stims, the temperature or the separation cannot be used.
    """
    eclipse, band = pointing.eclipse, calibration.band
    line = separation_line(telemetry.stims, eclipse)
    after_csp = epoch_of(eclipse).after_csp
    stims = solve_stims(telemetry.stims, band, eclipse) if after_csp else None
    tables = detector_tables(calibration, eclipse, line, stims, pointing.metadata.fuv_tdc_temp)
    first, last = pointing.legs[0].aspect.time_ms[0], pointing.legs[-1].aspect.time_ms[-1]
    span_s = (
        max(int(first), telemetry.first_ms) / 1000.0,
        min(int(last), telemetry.last_ms) / 1000.0,
    )
    clamped = check_separation(tables, line, eclipse, span_s, clamp=clamp_separation)
    return Solution(_reduction(pointing, calibration, stims, tables), line, clamped)


def solve_ahead(
    pointing: Pointing, loading: Future[CalibrationSet], telemetry: Telemetry
) -> EclipseReduction | None:
    """Return what the reduction would be if there were no more telemetry than has been read.

    It differs from what `solve` finds in the end by the separation line alone; None where that
    cannot be told yet, and after CSP, where stims move all photons.

    Parameters
    ----------
    pointing, telemetry
        As for `solve`.
    loading : Future
        The calibration; without it nothing can be told.
    """
    eclipse = pointing.eclipse
    if epoch_of(eclipse).after_csp or not loading.done() or loading.exception():
        return None
    calibration = loading.result()
    try:
        line = separation_line(telemetry.stims, eclipse)
        tables = detector_tables(calibration, eclipse, line, None, pointing.metadata.fuv_tdc_temp)
    except ReductionError:
        return None
    return _reduction(pointing, calibration, None, tables)


def _reduction(
    pointing: Pointing,
    calibration: CalibrationSet,
    stims: StimSolution | None,
    tables: DetectorTables,
) -> EclipseReduction:
    return EclipseReduction(
        centre_scale(calibration.band, pointing.eclipse),
        kernel_tables(stims, calibration.post_csp),
        tables,
        eclipse_sky(pointing.legs),
    )
