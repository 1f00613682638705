"""Pictures of sky images: coordinates, a scale bar, and a stretch that shows faint and bright.

Photons are sparse, so an image that is larger than its picture is binned, never sampled.
matplotlib is imported when something is drawn, not before.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.geometry import ImageGeometry

if TYPE_CHECKING:
    from astropy.io.fits import Header
    from astropy.visualization import ImageNormalize
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURE_PIXELS = 1000
"""Images with more pixels than this along a side are binned for a picture."""

FIGURE_INCHES = (8.0, 7.2)
PICTURES = (".png", ".pdf", ".svg")
"""Endings of files that pictures are written to."""

COLOURS = "inferno"
OUTSIDE = "#e4e4e8"
"""Colour of what was not observed."""

GRID = {"color": "white", "alpha": 0.28, "linestyle": "-", "linewidth": 0.5}
SMALLEST_TICK_DISTANCE = 0.07
"""Between ticks of the colour bar, as a part of its length."""

SCALE_BARS_ARCMIN = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)


@dataclass(frozen=True)
class Limits:
    """Values of an image from black to white: the level of the sky, its noise, and the top.

    Differences from the sky up to a few times the noise are drawn in proportion, larger ones
    logarithmically.
    """

    sky: float
    noise: float
    top: float

    @classmethod
    def of(cls, values: NDArray[Any]) -> "Limits":
        """Return the limits for an image; NaN pixels do not count."""
        known = values[np.isfinite(values)]
        seen = known[known > 0]
        if not len(seen):
            return cls(0.0, 1.0, 1.0)
        sky, above = np.percentile(known, (50.0, 84.13))
        # Where most pixels have no photon, a single photon is what the noise is made of.
        noise = max(float(above - sky), float(np.median(seen)) / 3.0)
        top = float(np.percentile(seen, 99.95))
        return cls(float(sky), noise, max(top, float(sky) + 10.0 * noise))

    def norm(self) -> "ImageNormalize":
        """Return the stretch, as matplotlib takes it."""
        from astropy.visualization import AsinhStretch, ImageNormalize

        bottom = max(self.sky - 3.0 * self.noise, 0.0)
        softness = 3.0 * self.noise / (self.top - bottom)
        return ImageNormalize(
            vmin=bottom, vmax=self.top, stretch=AsinhStretch(min(max(softness, 1e-3), 1.0))
        )


def binned(values: NDArray[Any], largest_side: int) -> tuple[NDArray[np.float64], int]:
    """Return an image whose pixels are means of square blocks, and the blocks' side.

    Parameters
    ----------
    values : (rows, columns)
        The image.  NaN pixels, and what blocks lack beyond its upper edges, do not count in
        the means; a block of nothing else is NaN.
    largest_side : int
        Pixels that the result may have along a side.
    """
    block = math.ceil(max(values.shape) / largest_side)
    rows, columns = (math.ceil(n / block) for n in values.shape)
    padded = np.full((rows * block, columns * block), np.nan, np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows, block, columns, block)
    known = np.isfinite(blocks).sum(axis=(1, 3))
    total = np.nansum(blocks, axis=(1, 3), dtype=np.float64)
    return np.divide(total, known, out=np.full(total.shape, np.nan), where=known > 0), block


def draw_image(
    values: NDArray[Any],
    geometry: ImageGeometry,
    *,
    title: str = "",
    label: str = "photons per pixel",
    limits: Limits | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw an image of the sky.

    Parameters
    ----------
    values : (rows, columns)
        The image; NaN where nothing was observed.
    geometry : ImageGeometry
        Where it lies.
    title, label : str
        What it is, and what its values are, with their unit.
    limits : Limits, optional
        By default from the values.
    ax : astropy.visualization.wcsaxes.WCSAxes, optional
        Where to draw, in the image's pixels; by default in a new figure of pyplot's.

    Returns
    -------
    WCSAxes
        With world coordinates.
    """
    means, block = binned(values, PICTURE_PIXELS)
    if ax is None:
        from matplotlib import pyplot

        ax = sky_axes(pyplot.figure(figsize=FIGURE_INCHES, layout="constrained"), geometry)
    drawn = ax.imshow(
        means,
        norm=(limits or Limits.of(means)).norm(),
        cmap=COLOURS,
        origin="lower",
        extent=extent_of(means.shape, block),
        interpolation="nearest" if max(means.shape) < PICTURE_PIXELS // 2 else "antialiased",
    )
    ax.set(xlim=(-0.5, values.shape[1] - 0.5), ylim=(-0.5, values.shape[0] - 0.5))
    ax.set_title(title, fontsize=11, pad=10)
    draw_scale_bar(ax, geometry)
    colour_bar(ax, drawn, label)
    return ax


def extent_of(shape: tuple[int, ...], block: int) -> tuple[float, float, float, float]:
    """Return where the edges of a binned image lie in pixels (from 0) of the image itself."""
    return (-0.5, shape[1] * block - 0.5, -0.5, shape[0] * block - 0.5)


def sky_axes(figure: "Figure", geometry: ImageGeometry) -> "Axes":
    """Return new axes with right ascension and declination, and their grid."""
    from astropy.visualization.wcsaxes import WCSAxes

    ax = figure.add_subplot(projection=geometry.wcs())
    assert isinstance(ax, WCSAxes)
    ax.set_facecolor(OUTSIDE)
    ax.coords.grid(**GRID)
    for coordinate, name in zip(ax.coords, ("Right ascension", "Declination"), strict=True):
        coordinate.set_axislabel(f"{name} (ICRS)", fontsize=10)
        coordinate.set_ticks(number=6)
        coordinate.tick_params(direction="in", color="white", labelsize=9)
    ax.coords[0].set_major_formatter("hh:mm:ss" if geometry_width_deg(geometry) < 0.5 else "hh:mm")
    ax.coords[1].set_major_formatter("dd:mm")
    axes: Axes = ax
    return axes


def geometry_width_deg(geometry: ImageGeometry) -> float:
    """Return the longer side of an image, deg."""
    return max(geometry.shape) * geometry.cdelt[1]


def draw_scale_bar(ax: "Axes", geometry: ImageGeometry) -> "Artist":
    """Draw a bar of a round number of arcminutes, about a fifth of the image long."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke
    from matplotlib.text import Text
    from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

    width_arcmin = geometry_width_deg(geometry) * 60.0
    length = max((b for b in SCALE_BARS_ARCMIN if b <= width_arcmin / 4.0), default=0.1)
    name = f"{length:g}′" if length >= 1.0 else f"{length * 60:g}″"
    bar: Artist = AnchoredSizeBar(
        ax.transData,
        length / 60.0 / geometry.cdelt[1],
        name,
        loc="lower right",
        frameon=False,
        color="white",
        size_vertical=0.004 * geometry.shape[0],
        borderpad=0.9,
        sep=4,
    )
    # White with a black rim is seen on the sky and beside it.
    for artist in (*bar.findobj(Text), *bar.findobj(Rectangle)):
        artist.set_path_effects([withStroke(linewidth=1.6, foreground="black")])
    ax.add_artist(bar)
    return bar


def colour_bar(beside: Any, drawn: Any, label: str) -> None:
    """Draw the colours' values beside axes, or beside an array of axes."""
    figure = np.ravel(beside)[0].figure
    bar = figure.colorbar(drawn, ax=beside, fraction=0.046, pad=0.02, extend="max")
    bar.set_ticks(_ticks(drawn.norm))
    bar.minorticks_off()
    bar.set_label(label, fontsize=10)
    bar.ax.tick_params(labelsize=9)
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.outline.set_visible(False)


def _ticks(norm: Any) -> list[float]:
    """Return round values that lie well apart once they are stretched."""
    decades = range(math.floor(math.log10(norm.vmax)) - 4, math.floor(math.log10(norm.vmax)) + 1)
    candidates = [0.0, *(m * 10.0**d for d in decades for m in (1.0, 2.0, 5.0))]
    ticks: list[float] = []
    for value in candidates:
        height = float(norm(value))
        if norm.vmin <= value <= norm.vmax and (
            not ticks or height - float(norm(ticks[-1])) >= SMALLEST_TICK_DISTANCE
        ):
            ticks.append(value)
    return ticks


def save_picture(draw: Callable[["Figure"], Any], path: Path) -> Path:
    """Save what `draw` puts into a figure, without a display or pyplot's state.

    Parameters
    ----------
    draw : callable
        Called with the figure.
    path : Path
        The file, whose ending says what it is: one of `PICTURES`.

    Raises
    ------
    ProductError
        If it ends otherwise, or cannot be written; nothing is left then.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ending = path.suffix.lower()
    if ending not in PICTURES:
        raise ProductError(f"{path}: pictures are written as .png, .pdf or .svg")
    figure = Figure(figsize=FIGURE_INCHES, dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure)
    with being_written(path) as temporary:
        figure.savefig(temporary, format=ending.lstrip("."))
    return path


def title_of(header: "Header") -> str:
    """Return what a header's product is of, in a line."""
    when = str(header["DATE-BEG"]).replace("T", " ").split(".")[0]
    return (
        f"GALEX {header['BANDNAME']}, eclipse {header['ECLIPSE']}, leg {header['LEG']}: "
        f"{header['XPOSURE']:.0f} s from {when} UTC"
    )
