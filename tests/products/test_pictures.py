"""Pictures of images and movies: what they show, and where they go."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image as Picture

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.plot import Limits, binned, draw_image
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.movies.pictures import MAX_PICTURES
from tests.gphoton_db.test_disk import no_file_larger_than


@pytest.fixture(autouse=True)
def _without_a_display() -> None:
    mpl.use("Agg")


def frames_of(picture: Any) -> int:
    return int(picture.n_frames)


@pytest.fixture(scope="module")
def movie(products_root: Path) -> Movie:
    with Archive(products_root) as archive:
        return archive.movie(23500, "NUV", depth=9.0, pixel=12.0)


def test_binning_keeps_the_mean_and_leaves_out_what_was_not_seen() -> None:
    values = np.arange(35.0).reshape(5, 7)
    values[:2, :2] = np.nan
    means, block = binned(values, 4)
    assert (block, means.shape) == (2, (3, 4))
    assert np.isnan(means[0, 0])
    assert means[0, 1] == values[:2, 2:4].mean()
    assert means[2, 3] == values[4, 6]


@pytest.mark.parametrize("filling", [np.nan, 0.0, 5.0])
def test_images_without_any_contrast_have_limits(filling: float) -> None:
    norm = Limits.of(np.full((4, 4), filling)).norm()
    assert norm.vmax > norm.vmin >= 0


def test_a_png_shows_the_image(archive: Archive, tmp_path: Path) -> None:
    image = archive.image(23500, "NUV", pixel=12.0)
    path = image.write_png(tmp_path / "image.png")
    with Picture.open(path) as picture:
        pixels = np.asarray(picture.convert("L"), float)
    middle = pixels[len(pixels) // 3 : -len(pixels) // 3, 300:700]
    assert middle.mean() < 128 < pixels[:20].mean()  # a dark sky on white paper
    assert middle.std() > 5


def test_coordinates_are_those_of_the_image(archive: Archive) -> None:
    image = archive.image(23500, "NUV", pixel=12.0)
    ax: Any = image.plot()
    try:
        ra, dec = ax.wcs.wcs_pix2world([[0.0, 0.0]], 0)[0]
        assert [ra, dec] == pytest.approx(image.wcs.wcs_pix2world([[0.0, 0.0]], 0)[0])
        assert "eclipse 23500" in ax.get_title()
        assert ax.get_xlim() == (-0.5, image.count.shape[1] - 0.5)
    finally:
        pyplot.close("all")


def test_an_image_larger_than_its_picture_keeps_its_pixels_as_coordinates() -> None:
    geometry = ImageGeometry.centred(10.0, 20.0, 0.5, 0.5, 1.0)
    ax: Any = draw_image(np.ones(geometry.shape, np.float32), geometry)
    try:
        (drawn,) = ax.get_images()
        assert max(drawn.get_array().shape) <= 1000 < geometry.shape[0]
        assert drawn.get_extent()[1] >= geometry.shape[1] - 0.5
    finally:
        pyplot.close("all")


def test_an_overview_shows_frames_and_the_count_rate(movie: Movie) -> None:
    figure = movie.plot()
    try:
        assert f"{len(movie)} frames of 9 s" in figure.get_suptitle()
        images = [ax for ax in figure.get_axes() if ax.get_images()]
        assert len(images) == len(movie)
    finally:
        pyplot.close("all")


def test_a_gif_has_a_picture_for_each_frame(movie: Movie, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = movie.animate(tmp_path / "movie.gif", on_progress=lambda *what: told.append(what))
    with Picture.open(path) as picture:
        assert frames_of(picture) == len(movie)
        pictures = []
        for k in range(len(movie)):
            picture.seek(k)
            pictures.append(np.asarray(picture.convert("L")))
    assert (pictures[0] != pictures[1]).any()
    assert told == [("drawing", k + 1, len(movie)) for k in range(len(movie))]


def test_many_frames_are_shown_in_groups(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = archive.movie(23500, "NUV", depth=0.2, pixel=60.0)
    assert len(movie) > MAX_PICTURES
    monkeypatch.setattr("gphoton_db.products.movies.pictures.MAX_PICTURES", MAX_PICTURES // 5)
    path = movie.animate(tmp_path / "movie.gif")
    with Picture.open(path) as picture:
        assert MAX_PICTURES / 10 < frames_of(picture) <= MAX_PICTURES / 5


def test_an_mp4_is_written_where_it_can_be(movie: Movie, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    path = movie.animate(tmp_path / "movie.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"


def test_other_animations_are_refused(movie: Movie, tmp_path: Path) -> None:
    with pytest.raises(ProductError, match=r"\.gif or \.mp4"):
        movie.animate(tmp_path / "movie.avi")


def test_a_full_disk_leaves_no_partial_picture(movie: Movie, tmp_path: Path) -> None:
    with no_file_larger_than(5_000), pytest.raises(ProductError, match="File too large"):
        movie.animate(tmp_path / "movie.gif")
    assert list(tmp_path.iterdir()) == []
