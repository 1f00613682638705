"""Pictures of movies: an overview of frames, and the movie itself as GIF or MP4."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.fits.files import being_written
from gphoton_db.products.images.plot import COLOURS, OUTSIDE, Limits, colour_bar
from gphoton_db.products.movies.animate import Canvas, Picture, writer_of
from gphoton_db.products.movies.frames import MovieFrames
from gphoton_db.progress import Progress
from gphoton_db.times import utc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ANIMATION_PIXELS = 400
"""Side of a binned frame in an animation, at most."""

MAX_PICTURES = 150
"""An animation of more frames shows them in groups."""

OVERVIEW_PIXELS = 250
OVERVIEW_FRAMES = 12
OVERVIEW_COLUMNS = 4


def animate_movie(
    movie: MovieFrames, path: Path, frames_per_second: float, on_progress: Progress
) -> Path:
    """Write a movie as an animated picture; see `Movie.animate`."""
    write = writer_of(path)
    block = math.ceil(max(movie.geometry.shape) / ANIMATION_PIXELS)
    groups = _groups(len(movie), MAX_PICTURES)
    canvas = Canvas(movie.geometry, block, _limits(movie, block), _title(movie))

    def drawn() -> Iterator[NDArray[np.uint8]]:
        for k, group in enumerate(groups):
            yield canvas.draw(Picture(_caption(movie, group), _rate(movie, group, block)))
            on_progress("drawing", k + 1, len(groups))

    with being_written(path) as temporary:
        write(temporary, drawn(), frames_per_second)
    return path


def plot_movie(movie: MovieFrames) -> "Figure":
    """Return an overview of a movie; see `Movie.plot`."""
    from matplotlib import pyplot

    block = math.ceil(max(movie.geometry.shape) / OVERVIEW_PIXELS)
    chosen = _groups(len(movie), OVERVIEW_FRAMES)
    rows = math.ceil(len(chosen) / OVERVIEW_COLUMNS)
    figure = pyplot.figure(figsize=(10.0, 2.6 * rows + 2.6), layout="constrained")
    figure.suptitle(_title(movie), fontsize=11)
    parts = figure.subfigures(2, 1, height_ratios=(2.6 * rows, 2.4), squeeze=False)
    upper, lower = parts[:, 0]
    norm = _limits(movie, block).norm()
    axes = upper.subplots(rows, OVERVIEW_COLUMNS, squeeze=False).reshape(-1)
    for ax in axes[len(chosen) :]:
        ax.set_axis_off()
    drawn = None
    for ax, group in zip(axes, chosen, strict=False):
        drawn = ax.imshow(_rate(movie, group, block), norm=norm, cmap=COLOURS, origin="lower")
        ax.set(facecolor=OUTSIDE, xticks=[], yticks=[])
        ax.set_title(_seconds(movie, group), fontsize=9)
    colour_bar(axes, drawn, "photons per second and pixel")
    _plot_rate(movie, lower.subplots())
    return figure


def _plot_rate(movie: MovieFrames, ax: "Axes") -> None:
    """Draw the photons per second of all frames over time; frames without exposure are gaps."""
    exposure = np.asarray(movie.exposures["exposure"])
    weights = (movie.photons.within(k, k + 1) for k in range(len(movie)))
    counts = np.array([sum(run.sum(dtype=float) for run in runs) for runs in weights])
    rate = np.divide(counts, exposure, out=np.full(len(movie), np.nan), where=exposure > 0)
    edges = movie.depth * np.arange(len(movie) + 1)
    ax.stairs(rate, edges, baseline=None, color="#5b2a86", linewidth=1.3)
    known = rate[np.isfinite(rate)]
    if len(known):
        ax.set_ylim(0.0, 1.15 * known.max())
    ax.set_xlim(0.0, edges[-1])
    ax.set_xlabel("seconds since the start of the first frame")
    ax.set_ylabel("photons per second")
    ax.grid(alpha=0.3)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _groups(n_frames: int, most: int) -> list[range]:
    """Return the frames in up to `most` groups of consecutive ones, the last perhaps smaller."""
    size = math.ceil(n_frames / most)
    return [range(k, min(k + size, n_frames)) for k in range(0, n_frames, size)]


def _rate(movie: MovieFrames, group: range, block: int) -> NDArray[np.float32]:
    """Return photons per second and pixel in some frames, the mean of each block of pixels.

    NaN where the leg never looked; and everywhere if there was no exposure.
    """
    rows, columns = (math.ceil(n / block) for n in movie.geometry.shape)
    exposure = float(np.sum(movie.exposures["exposure"][group.start : group.stop]))
    if exposure <= 0:
        return np.full((rows, columns), np.nan, np.float32)
    image = movie.photons.image(group.start, group.stop)
    y, x = np.divmod(image.pixel, movie.geometry.shape[1])
    total = np.bincount(y // block * columns + x // block, image.count, minlength=rows * columns)
    seen = movie.coverage[block // 2 :: block, block // 2 :: block] > 0
    seen = np.pad(seen, ((0, rows - seen.shape[0]), (0, columns - seen.shape[1])))
    rate = total.reshape(rows, columns) / (exposure * block * block)
    return np.where(seen, rate, np.nan).astype(np.float32)


def _limits(movie: MovieFrames, block: int) -> Limits:
    """Return the limits of the frame with the longest exposure: all frames have the same."""
    fullest = int(np.argmax(movie.exposures["exposure"]))
    size = math.ceil(len(movie) / MAX_PICTURES)
    first = fullest // size * size
    return Limits.of(_rate(movie, range(first, min(first + size, len(movie))), block))


def _title(movie: MovieFrames) -> str:
    leg = movie.leg
    return (
        f"GALEX {leg.band}, eclipse {leg.eclipse}, leg {leg.leg}: "
        f"{len(movie)} frames of {movie.depth:g} s"
    )


def _seconds(movie: MovieFrames, group: range) -> str:
    """Return which seconds of the movie some frames are."""
    begin, end = (k * movie.depth for k in (group.start, group.stop))
    return f"{begin:g} to {end:g} s"


def _caption(movie: MovieFrames, group: range) -> str:
    begin = utc(movie.times.span_ms(group.start)[0])
    exposure = float(np.sum(movie.exposures["exposure"][group.start : group.stop]))
    return f"{begin:%Y-%m-%d %H:%M:%S} UTC    {_seconds(movie, group)}    exposure {exposure:.1f} s"
