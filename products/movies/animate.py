"""Animated pictures, drawn and written one after the other: GIF, or MP4 with imageio-ffmpeg."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError, not_installed
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.plot import (
    COLOURS,
    OUTSIDE,
    Limits,
    colour_bar,
    draw_scale_bar,
    extent_of,
    sky_axes,
)

FIGURE_INCHES = (6.0, 5.3)
DPI = 100
GIF_COLOURS = 112
GIF_GREYS = 15

Pixels = NDArray[np.uint8]
"""A drawn picture, (rows, columns, 3)."""

Writer = Callable[[Path, Iterator[Pixels], float], None]
"""Takes a path, pictures, and how many of them are shown in a second."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What one picture shows: values of blocks of pixels, (rows, columns), NaN for nothing."""

    caption: str
    values: NDArray[np.float32]


class Canvas:
    """A figure whose coordinates are drawn once; a picture only changes what is within them.

    Parameters
    ----------
    geometry : ImageGeometry
        Of the images before they were binned.
    block : int
        Side of the blocks of pixels.
    limits : Limits
        Of all pictures.
    title : str
        Above all pictures.
    """

    def __init__(self, geometry: ImageGeometry, block: int, limits: Limits, title: str) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=FIGURE_INCHES, dpi=DPI, layout="constrained")
        self._canvas = FigureCanvasAgg(figure)
        self._ax = sky_axes(figure, geometry)
        shape = tuple(math.ceil(n / block) for n in geometry.shape)
        self._image = self._ax.imshow(
            np.full(shape, np.nan),
            norm=limits.norm(),
            cmap=COLOURS,
            origin="lower",
            extent=extent_of(shape, block),
            interpolation="antialiased",
            animated=True,
        )
        self._ax.set(xlim=(-0.5, geometry.shape[1] - 0.5), ylim=(-0.5, geometry.shape[0] - 0.5))
        colour_bar(self._ax, self._image, "photons per second and pixel")
        self._bar = draw_scale_bar(self._ax, geometry)
        figure.suptitle(title, fontsize=11)
        self._caption = self._ax.set_title(" ", fontsize=9, animated=True)
        self._canvas.draw()
        self._background = self._canvas.copy_from_bbox(figure.bbox)

    def draw(self, picture: Picture) -> Pixels:
        """Return a picture as bytes, with even numbers of rows and columns, as MP4 needs them."""
        self._canvas.restore_region(self._background)
        self._image.set_data(picture.values)
        self._caption.set_text(picture.caption)
        for artist in (self._image, self._bar, self._caption):
            self._ax.draw_artist(artist)
        drawn: Pixels = np.asarray(self._canvas.buffer_rgba())
        rows, columns = (n // 2 * 2 for n in drawn.shape[:2])
        return drawn[:rows, :columns, :3].copy()


def writer_of(path: Path) -> Writer:
    """Return what writes pictures to a file of that ending.

    Raises
    ------
    ProductError
        If it is another one than .gif or .mp4.
    """
    match path.suffix.lower():
        case ".gif":
            return _write_gif
        case ".mp4":
            return _write_mp4
    raise ProductError(f"{path}: animations are written as .gif or .mp4")


def _write_gif(path: Path, pictures: Iterator[Pixels], frames_per_second: float) -> None:
    from PIL import Image

    palette = Image.new("P", (1, 1))
    palette.putpalette(_gif_palette().tobytes())
    images = (
        Image.fromarray(pixels).quantize(palette=palette, dither=Image.Dither.NONE)
        for pixels in pictures
    )
    next(images).save(
        path,
        format="GIF",
        save_all=True,
        append_images=images,
        duration=round(1000 / frames_per_second),
        loop=0,
    )


def _gif_palette() -> Pixels:
    """Return the colours of the image, of what lies beside it, and of text: (n, 3)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    image = colormaps[COLOURS](np.linspace(0.0, 1.0, GIF_COLOURS))[:, :3]
    grey = np.repeat(np.linspace(0.0, 1.0, GIF_GREYS)[:, np.newaxis], 3, axis=1)
    colours = np.concatenate((image, grey, [to_rgb(OUTSIDE)]))
    rounded: Pixels = np.rint(colours * 255).astype(np.uint8)
    return rounded


def _write_mp4(path: Path, pictures: Iterator[Pixels], frames_per_second: float) -> None:
    try:
        from imageio_ffmpeg import write_frames
    except ImportError:
        raise ProductError(
            not_installed("MP4", "imageio-ffmpeg", "mp4") + "; or write a GIF"
        ) from None
    first = next(pictures)
    writer = write_frames(
        str(path),
        (first.shape[1], first.shape[0]),
        fps=frames_per_second,
        quality=7,
        macro_block_size=2,
        output_params=["-f", "mp4"],  # the name that it is written under has no ending
    )
    writer.send(None)
    try:
        writer.send(first.tobytes())
        for pixels in pictures:
            writer.send(pixels.tobytes())
    finally:
        writer.close()
