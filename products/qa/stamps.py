"""Pictures of candidates from one pass over a leg's photons: full frame, thumbnails, movies."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import NARROW_EDGE_PIXELS, WIDE_EDGE_PIXELS
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.images.placing import COLUMNS, place_photons
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files

PIXEL_ARCSEC = 1.5

FRAME_SIDES = ((4, 512), (20, 320), (2000, 200))
"""Side of a full frame, pixels, for up to so many of them in a sheet."""

BRIGHTEST_PART = 99.7
"""Percentile of a picture that is white."""


@dataclass(frozen=True, eq=False)
class Near:
    """Photons in the stamps of a leg: pixel coordinates from 0, and the frame of each."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    frame: NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class LegPictures:
    """Pictures of a leg, as data URIs.

    Parameters
    ----------
    frame : str
        The full frame.
    place : list of (float, float)
        Of each candidate in it, parts of its width and height from the upper left.
    scale : float
        Part of the frame's width that is a degree.
    thumbnails, movies : list of str
        Of each candidate; the frames of a movie lie side by side.
    """

    frame: str
    place: list[tuple[float, float]]
    scale: float
    thumbnails: list[str]
    movies: list[str]


def leg_pictures(
    archive: ArchiveReader,
    leg: LegRecord,
    ra: Sequence[float],
    dec: Sequence[float],
    *,
    n_frames: int,
    size: float,
    frame_side: int,
    threads: int,
) -> LegPictures:
    """Return the pictures of some positions (deg) in a leg.

    Parameters
    ----------
    n_frames : int
        Of the movies: equal parts of the time from the first photon to the last.
    size : float
        Side of thumbnails and movies, arcsec.
    frame_side : int
        Longer side of the full frame, pixels.
    """
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, PIXEL_ARCSEC, threads=threads)
    half = _half(size)
    x, y = (np.asarray(each) - 1 for each in geometry.pixel_of(ra, dec))
    centres = np.stack([np.rint(x), np.rint(y)], axis=1).astype(np.int64)
    wanted = _wanted(geometry, centres, half)
    coarse, near = _pass(
        *(groups, geometry, wanted, _times(leg, n_frames), -(-max(geometry.shape) // frame_side)),
        threads=threads,
    )
    order = np.argsort(near.y, kind="stable")
    near = Near(near.x[order], near.y[order], near.frame[order])
    cubes = [_cube(near, centre, half, n_frames) for centre in centres.tolist()]
    rows, columns = geometry.shape
    return LegPictures(
        picture(coarse, "webp"),
        [((a + 0.5) / columns, 1 - (b + 0.5) / rows) for a, b in zip(x, y, strict=True)],
        3600 / PIXEL_ARCSEC / columns,
        [picture(cube.sum(axis=0)) for cube in cubes],
        [picture(np.concatenate(list(cube), axis=1)) for cube in cubes],
    )


def _times(leg: LegRecord, n_frames: int) -> NDArray[np.float64]:
    first, last = (float(t or 0.0) * 1000 for t in (leg.photon_t0, leg.photon_t1))
    return np.linspace(first, last + 1, n_frames + 1)


def _wanted(geometry: ImageGeometry, centres: NDArray[np.int64], half: int) -> NDArray[np.bool_]:
    """Return which pixels of the leg's image are in a stamp."""
    wanted = np.zeros(geometry.shape, bool)
    for x, y in centres.tolist():
        low_x, low_y = max(x - half, 0), max(y - half, 0)
        wanted[low_y : max(y + half + 1, 0), low_x : max(x + half + 1, 0)] = True
    return wanted.reshape(-1)


def _pass(
    groups: Sequence[tuple[object, int]],
    geometry: ImageGeometry,
    wanted: NDArray[np.bool_],
    times: NDArray[np.float64],
    step: int,
    *,
    threads: int,
) -> tuple[NDArray[np.int64], Near]:
    """Return the full frame, binned by `step` pixels, and the photons in stamps."""
    rows, columns = geometry.shape
    shape = -(-rows // step), -(-columns // step)
    edges = Edges(WIDE_EDGE_PIXELS, NARROW_EDGE_PIXELS)

    def look(photons: Photons) -> tuple[NDArray[np.int64], Near]:
        placed = place_photons(photons, geometry.projection, edges)
        inside = placed.pixel >= 0
        pixel = placed.pixel[inside]
        y, x = np.divmod(pixel, columns)
        counts = np.bincount(y // step * shape[1] + x // step, minlength=shape[0] * shape[1])
        near = wanted[pixel]
        t_ms = photons["t_ms"][placed.row[inside][near]]
        frame = np.clip(np.searchsorted(times, t_ms, side="right") - 1, 0, len(times) - 2)
        found = Near(x[near].astype(np.int32), y[near].astype(np.int32), frame.astype(np.int16))
        return counts, found

    total = np.zeros(shape[0] * shape[1], np.int64)
    parts = []
    for counts, near in map_photons(groups, ("t_ms", *COLUMNS), look, threads=threads):  # type: ignore[arg-type]
        total += counts
        parts.append(near)
    joined = Near(*(np.concatenate([getattr(p, n) for p in parts]) for n in ("x", "y", "frame")))
    return total.reshape(shape), joined


def _cube(near: Near, centre: Sequence[int], half: int, n_frames: int) -> NDArray[np.int64]:
    """Return the photons of a stamp, (frames, rows, columns), north at the end."""
    side = 2 * half + 1
    x, y = centre[0] - half, centre[1] - half
    rows = slice(*np.searchsorted(near.y, [y, y + side]).tolist())
    column = near.x[rows] - x
    there = (column >= 0) & (column < side)
    row = near.y[rows][there] - y
    index = (near.frame[rows][there].astype(np.int64) * side + row) * side + column[there]
    counts = np.bincount(index, minlength=n_frames * side * side)
    return counts.reshape(n_frames, side, side)


def picture(counts: NDArray[np.int64], kind: str = "png") -> str:
    """Return photons as a grey picture, north up, the root of the counts: a data URI."""
    from PIL import Image

    values = np.sqrt(counts.astype(np.float64))
    some = values[values > 0]
    top = float(np.percentile(some, BRIGHTEST_PART)) if len(some) else 1.0
    grey = np.clip(values / top * 255, 0, 255).astype(np.uint8)[::-1]
    content = BytesIO()
    image = Image.fromarray(grey)
    if kind == "webp":
        image.save(content, "WEBP", quality=60)
    else:
        image.save(content, "PNG", optimize=True)
    return f"data:image/{kind};base64,{base64.b64encode(content.getvalue()).decode()}"


def stamp_arcsec(size: float) -> float:
    """Return the side of a stamp, arcsec, which is an odd number of pixels."""
    return (2 * _half(size) + 1) * PIXEL_ARCSEC


def _half(size: float) -> int:
    return max(int(size / PIXEL_ARCSEC) // 2, 2)


def frame_side(n_frames: int) -> int:
    """Return the longer side of full frames, pixels, where a sheet has so many."""
    return next(side for most, side in FRAME_SIDES if n_frames <= most)
