"""The methods of an archive that make products; what they do is in `gphoton_db.products`."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from gphoton_db.mission import Band
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.cores import usable_cores

if TYPE_CHECKING:
    from astropy.table import Table

    from gphoton_db.products.images.image import Image
    from gphoton_db.products.movies.movie import Movie
    from gphoton_db.products.reader import ArchiveReader


class ArchiveProducts(ABC):
    """What an `Archive` can make of its photons.

    Where a method takes ``leg``: its number, from 0; None is the only leg, and an error that lists
    them where there are several; ``"all"`` makes one product a leg, one after the other as they
    are asked for.
    """

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    @overload
    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        extended: bool = False,
    ) -> "Image": ...

    @overload
    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: Literal["all"],
        *,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        extended: bool = False,
    ) -> "Iterator[Image]": ...

    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | Literal["all"] | None = None,
        *,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        extended: bool = False,
    ) -> "Image | Iterator[Image]":
        """Make the full-depth image of a leg.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int or "all", optional
            Which leg (see the class).
        pixel : float
            Side of a pixel, arcsec.
        edges : tuple of float
            Detector radii, pixels, of the wide and the narrow edge, for the flags and the coverage.
        extended : bool
            Make the extended set too: mean and standard deviation of the photons' column and row
            on the detector, mean ya and mean q, for each pixel.

        Returns
        -------
        Image
            Or, for ``leg="all"``, an iterator of them.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option makes no sense.
        """
        from gphoton_db.products.images.make import ImageOptions, make_image
        from gphoton_db.products.reader import make_of_legs

        options = ImageOptions(pixel, edges, extended, usable_cores())
        return make_of_legs(
            self._product_reader,
            eclipse,
            band,
            leg,
            lambda reader, chosen: make_image(reader, chosen, options),
        )

    @overload
    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        depth: float,
        start: float | None = None,
        align_to: str | Band | None = None,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        on_progress: Progress = no_progress,
    ) -> "Movie": ...

    @overload
    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: Literal["all"],
        *,
        depth: float,
        start: float | None = None,
        align_to: str | Band | None = None,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        on_progress: Progress = no_progress,
    ) -> "Iterator[Movie]": ...

    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | Literal["all"] | None = None,
        *,
        depth: float,
        start: float | None = None,
        align_to: str | Band | None = None,
        pixel: float = 1.5,
        edges: tuple[float, float] = (350, 370),
        on_progress: Progress = no_progress,
    ) -> "Movie | Iterator[Movie]":
        """Make the movie of a leg: frames of equal length, each made when it is asked for.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int or "all", optional
            Which leg (see the class).
        depth : float
            Length of a frame, s: whole milliseconds, at least 0.005.
        start : float, optional
            Start of the first frame, GALEX s; earlier photons are left out.  By default the first
            photon on the detector.
        align_to : str or Band, optional
            Frames begin and end with those of this band's movie of the same depth.
        pixel : float
            Side of a pixel, arcsec.
        edges : tuple of float
            Detector radii, pixels, of the wide and the narrow edge.
        on_progress : callable, optional
            Told ``("reading", done, total)``.

        Returns
        -------
        Movie
            A sequence of frames.  Or, for ``leg="all"``, an iterator of movies.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option makes no sense.
        """
        from gphoton_db.products.movies.make import MovieOptions, make_movie
        from gphoton_db.products.reader import make_of_legs

        other = Band.parse(align_to) if align_to is not None else None
        options = MovieOptions(depth, start, other, pixel, edges, usable_cores())
        return make_of_legs(
            self._product_reader,
            eclipse,
            band,
            leg,
            lambda reader, chosen: make_movie(reader, chosen, options, on_progress),
        )

    @overload
    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        depth: float | None = None,
    ) -> "Table": ...

    @overload
    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: Literal["all"],
        *,
        depth: float | None = None,
    ) -> "Iterator[Table]": ...

    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | Literal["all"] | None = None,
        *,
        depth: float | None = None,
    ) -> "Table | Iterator[Table]":
        """Return the exposure of a leg, as a whole or of each frame.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int or "all", optional
            Which leg (see the class).
        depth : float, optional
            Length of a frame, s; None: the whole leg, from the first to the last photon on the
            detector.

        Returns
        -------
        astropy.table.Table
            ``frame``, ``t0``, ``t1`` (GALEX s), ``raw_exposure`` (s, without closed shutter),
            ``exposure`` (s, dead time corrected), ``events``, ``unflagged``.  Or, for
            ``leg="all"``, an iterator of such tables.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or `depth` makes no sense.
        """
        from gphoton_db.products.exposure import exposure_table
        from gphoton_db.products.reader import make_of_legs

        return make_of_legs(
            self._product_reader,
            eclipse,
            band,
            leg,
            lambda reader, chosen: exposure_table(reader, chosen, depth),
        )

    def write_exposure(self, table: "Table", path: str | Path) -> Path:
        """Write a table that `exposure` returned to a CSV file, ``...-exptime.csv``.

        Parameters
        ----------
        table : astropy.table.Table
            The table.
        path : str or Path
            The file, which is replaced; or a folder, in which it gets its usual name.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ProductError
            If it cannot be written; nothing is left then.
        """
        from gphoton_db.products.exposure import write_exposure

        return write_exposure(self._product_reader(), table, Path(path).expanduser())
