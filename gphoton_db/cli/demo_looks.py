"""What the demonstration shows of its archive: `STEPS`, one function a look.

A further look is a further function there.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.mission import Band

if TYPE_CHECKING:
    from gphoton_db.archive import Archive
    from gphoton_db.query.query import QueryResult

ECLIPSE = 23456
FRAME_S = 10
STEP_S = 5

FLARE_BOX_DEG = 0.003
"""Half a side of the square about the flare star whose photons are counted: 11 arcsec."""


@dataclass(frozen=True, eq=False)
class Look:
    """What a step of the demonstration found.

    Parameters
    ----------
    title : str
        What it shows.
    command : str
        What to type to see it again.
    rows : QueryResult, optional
        What a statement returned.
    files : tuple of Path
        What was written.
    """

    title: str
    command: str
    rows: "QueryResult | None" = None
    files: tuple[Path, ...] = ()


Step = Callable[["Archive", Path], Look]
"""Looks at the archive; the path is its folder as it was typed."""


def look_at_legs(archive: "Archive", folder: Path) -> Look:
    """Show how long each leg was seen, and how many photons a second came."""
    statement = f"""
    SELECT band, leg, round(t0 - min(t0) OVER (), 1) AS start, round(exposure, 1) AS exposure,
           n_unflagged AS photons, round(n_unflagged / exposure, 1) AS per_second
    FROM legs WHERE eclipse = {ECLIPSE} ORDER BY band, leg"""
    return _query(
        "the legs: times in seconds, exposure without dead time", statement, archive, folder
    )


def look_at_flags(archive: "Archive", folder: Path) -> Look:
    """Show what became of all photons."""
    statement = f"""
    SELECT flags, count(*) FILTER (WHERE band = 'FUV') AS fuv,
           count(*) FILTER (WHERE band = 'NUV') AS nuv,
           count(*) FILTER (WHERE mask) AS on_hotspots, round(avg(detrad), 1) AS detrad
    FROM photons WHERE eclipse = {ECLIPSE} GROUP BY flags ORDER BY flags"""
    return _query(
        "what became of the photons: 0 is good, 7 is outside of the good pointing, "
        "12 is off the detector",
        statement,
        archive,
        folder,
    )


def look_at_flare(archive: "Archive", folder: Path) -> Look:
    """Show the flare star's light curve in both bands."""
    from gphoton_db.simulate.built_in import CENTRE

    (ra0, ra1), (dec0, dec1) = ((v - FLARE_BOX_DEG, v + FLARE_BOX_DEG) for v in CENTRE)
    statement = f"""
    SELECT 10 * floor((t - began) / 10)::INT AS second,
           round(sum(1 / response) FILTER (WHERE band = 'FUV') / 10, 1) AS fuv,
           round(sum(1 / response) FILTER (WHERE band = 'NUV') / 10, 1) AS nuv,
           bar(sum(1 / response) FILTER (WHERE band = 'NUV') / 10, 0, 200, 30) AS nuv_bar
    FROM photons, (SELECT min(t0) AS began FROM legs WHERE eclipse = {ECLIPSE})
    WHERE eclipse = {ECLIPSE} AND leg = 0 AND flags = 0 AND response > 0
      AND ra BETWEEN {ra0:.4f} AND {ra1:.4f} AND dec BETWEEN {dec0:.4f} AND {dec1:.4f}
    GROUP BY ALL ORDER BY second"""
    return _query(
        "the flare star: photons a second, corrected for the response", statement, archive, folder
    )


def draw_image(archive: "Archive", folder: Path) -> Look:
    """Make the image of the first leg, and draw it."""
    image = archive.image(ECLIPSE, Band.NUV, 0)
    fits = image.write(_products(folder))
    picture = image.write_png(fits.with_suffix(".png"))
    command = _command(folder, "image", ECLIPSE, Band.NUV, "--leg", 0, "--png")
    return Look("the sky: the image of the first leg", command, files=(fits, picture))


def draw_movie(archive: "Archive", folder: Path) -> Look:
    """Make the movie of the first leg, and animate it."""
    movie = archive.movie(ECLIPSE, Band.NUV, 0, depth=FRAME_S)
    (fits,) = movie.write(_products(folder))
    animation = movie.animate(fits.with_name(f"{movie.name}.gif"))
    options = ("--leg", 0, "--depth", FRAME_S, "--gif")
    command = _command(folder, "movie", ECLIPSE, Band.NUV, *options)
    return Look("the same as a movie, in which the star flares", command, files=(fits, animation))


def draw_light_curve(archive: "Archive", folder: Path) -> Look:
    """Make the flare star's light curve, and draw it."""
    from gphoton_db.simulate.built_in import CENTRE

    picture = archive.lightcurve(*CENTRE, step=STEP_S).write_png(
        _products(folder) / "flare-star.png"
    )
    options = ("--step", STEP_S, "--plot", picture)
    command = _command(folder, "lightcurve", *CENTRE, *options)
    return Look("the flare star's light curve, in both bands", command, files=(picture,))


STEPS: tuple[Step, ...] = (
    look_at_legs,
    look_at_flags,
    look_at_flare,
    draw_image,
    draw_movie,
    draw_light_curve,
)


def _products(folder: Path) -> Path:
    from gphoton_db.products.file_names import products_folder

    place = folder / products_folder(ECLIPSE)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _command(folder: Path, *words: object) -> str:
    return shlex.join(["gphoton-db", "--archive", str(folder), *map(str, words)])


def _query(title: str, statement: str, archive: "Archive", folder: Path) -> Look:
    return Look(title, f'{_command(folder, "sql")} "{statement}"', archive.query(statement))
