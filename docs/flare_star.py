"""Draw docs/flare-star.png, the picture of the README, from the archive of ``gphoton-db demo``.

``python docs/flare_star.py gphoton-demo``
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from gphoton_db import Archive

RA, DEC = 323.4928, -2.0640
SIDE_DEG = 0.36
FLARE_S = (874_100_925.0, 874_100_985.0)
"""GALEX time of the flare, from its rise on."""


def draw(archive: Archive) -> Figure:
    """Return the field of the star during its flare, and its light curve in both bands."""
    (field,) = archive.map(RA, DEC, SIDE_DEG, bands="NUV", time_ranges=[FLARE_S])
    curve = archive.lightcurve(RA, DEC, annulus=(30, 60), step=5)
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    sky = figure.add_subplot(1, 2, 1, projection=field.wcs)
    field.plot(sky)
    sky.set(xlabel="right ascension", ylabel="declination", title="NUV, during the flare")
    x, y = field.wcs.world_to_pixel_values(RA, DEC)
    sky.plot(x, y, "o", markersize=24, markerfacecolor="none", markeredgecolor="white")
    rate = figure.add_subplot(1, 2, 2)
    curve[curve["leg"] == 0].plot(rate)
    rate.set_title("the circled star, in bins of 5 s")
    return figure


if __name__ == "__main__":
    with Archive(sys.argv[1]) as demo:
        draw(demo).savefig(Path(__file__).with_name("flare-star.png"), dpi=90)
