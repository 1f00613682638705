"""One pass over the photons makes the same image and movie as two."""

import numpy as np
import pytest
from tests.products.conftest import ECLIPSE

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.movies.image_and_movie import make_image_and_movie
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.reader import choose_leg


def test_one_pass_is_as_good_as_two(archive: Archive) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    image, movie = make_image_and_movie(
        reader, leg, ImageOptions(extended=True, pixel=6), MovieOptions(depth=7, pixel=6)
    )
    alone, frames = (
        archive.image(ECLIPSE, "NUV", extended=True, pixel=6),
        archive.movie(ECLIPSE, "NUV", depth=7, pixel=6),
    )
    for plane in ("count", "flag", "coverage", "dose"):
        np.testing.assert_array_equal(getattr(image, plane), getattr(alone, plane))
    for name, pixels in alone.extended.items():
        np.testing.assert_array_equal(image.extended[name], pixels)
    assert image.header["PHOTCNT"] == alone.header["PHOTCNT"]
    assert image.exposure == alone.exposure
    assert (movie.geometry, movie.times) == (frames.geometry, frames.times)
    for one, other in zip(movie, frames, strict=True):
        np.testing.assert_array_equal(one.count, other.count)
        np.testing.assert_array_equal(one.flag, other.flag)


def test_pixels_and_edges_are_shared(archive: Archive) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    with pytest.raises(ProductError, match="the same pixels, edges and mask"):
        make_image_and_movie(reader, leg, ImageOptions(pixel=3.0), MovieOptions(depth=7))
