"""The image and the movie of a leg from one pass over its photons."""

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.products.images.coverage import leg_coverage
from gphoton_db.products.images.extent import leg_geometry
from gphoton_db.products.images.image import Image
from gphoton_db.products.images.make import (
    ImageBatch,
    ImageSums,
    image_of,
    mask_of,
    place_on_image,
)
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.images.placing import COLUMNS
from gphoton_db.products.movies.frames import Grouped, MovieSums, in_frames
from gphoton_db.products.movies.make import movie_of, plan_movie
from gphoton_db.products.movies.movie import Movie
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.photon_batches import Photons, map_photons, row_groups
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.progress import Progress, no_progress


def make_image_and_movie(
    archive: ArchiveReader,
    leg: LegRecord,
    of_image: ImageOptions,
    of_movie: MovieOptions,
    on_progress: Progress = no_progress,
) -> tuple[Image, Movie]:
    """Make what `make_image` and `make_movie` make, and read the photons once instead of twice.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg, and is told of files that they are written to.
    leg : LegRecord
        Which it is.
    of_image : ImageOptions
        Choices.
    of_movie : MovieOptions
        Choices; pixels, edges, mask and threads are those of the image.
    on_progress : callable, optional
        Told ``("reading", done, total)``, in row groups.

    Raises
    ------
    ProductError
        As `make_image` and `make_movie`; or if the two differ in pixels, edges or mask.
    ArchiveError
        If the files of the leg cannot be read.
    """
    of_both = ("pixel", "edges", "mask")
    if any(getattr(of_image, name) != getattr(of_movie, name) for name in of_both):
        raise ProductError("an image and a movie of one pass have the same pixels, edges and mask")
    times = plan_movie(archive, leg, of_movie)
    groups = row_groups(photon_files(archive, leg))
    geometry = leg_geometry(groups, leg, of_image.pixel, threads=of_image.threads)
    cells = mask_of(archive, leg, of_image)
    sums = ImageSums(geometry)
    frames = MovieSums(leg.n_photons, len(groups), geometry.shape, times)

    def place(photons: Photons) -> tuple[ImageBatch, Grouped]:
        batch = place_on_image(photons, geometry, of_image, cells)
        return batch, in_frames(batch.placed, photons["t_ms"], times)

    parts = map_photons(groups, ("t_ms", *COLUMNS), place, threads=of_image.threads)
    for number, (batch, part) in enumerate(parts, start=1):
        sums.add(batch)
        frames.add(part)
        on_progress("reading", number, len(groups))
    coverage = leg_coverage(archive, leg, geometry, edges=of_image.edges)
    image = image_of(archive, leg, geometry, sums, coverage, of_image)
    return image, movie_of(archive, leg, geometry, times, frames.photons(), coverage, of_movie)
