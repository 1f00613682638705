"""Movies: a leg's photons in frames of equal length, which are made one at a time."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.products.file_names import Compression, leg_stem
from gphoton_db.products.fits.files import not_entered
from gphoton_db.products.masks.applied import mask_suffix
from gphoton_db.products.movies.frames import Frame, MovieFrames
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.durable import Move

if TYPE_CHECKING:
    from astropy.table import Table
    from astropy.wcs import WCS
    from matplotlib.figure import Figure


Entering = Callable[[Compression, bool], AbstractContextManager[Move]]


@dataclass(frozen=True, eq=False)
class Movie(MovieFrames):
    """A movie of a leg: a sequence of `Frame`, each made from the photons when it is asked for.

    Parameters
    ----------
    leg : LegRecord
        Whose photons they are.
    geometry : ImageGeometry
        Of every frame, and of the leg's image.
    times : FrameTimes
        When frames begin and end.
    exposures : astropy.table.Table
        A row for each frame, as `gphoton_db.products.exposure.table_of_spans` makes it.
    photons : MoviePhotons
        All photons on the detector, in nine bytes each.
    coverage : (rows, columns) uint8
        Of the leg, as in its image; see `gphoton_db.products.images.coverage.CoverageBit`.
    edges : Edges
        Thresholds of the edge bits of FLAG.
    mask : str or Path
        As of `MovieOptions`.
    threads : int
        How many threads write.
    entering : callable
        Gives what moves finished files to their places; told their compression and whether there
        is one a frame.
    """

    threads: int
    entering: Entering = field(default=not_entered, repr=False)

    def __getitem__(self, number: int) -> Frame:
        """Return one frame; negative numbers count from the end."""
        if not -len(self) <= number < len(self):
            raise IndexError(f"frame {number}: the movie has {len(self)} frames, from 0")
        number %= len(self)
        t0, t1 = self.times.span_ms(number)
        exposure = float(self.exposures["exposure"][number])
        image = self.photons.image(number, number + 1)
        return Frame(number, t0 / 1000, t1 / 1000, exposure, image)

    def __iter__(self) -> Iterator[Frame]:
        return (self[number] for number in range(len(self)))

    def __repr__(self) -> str:
        leg = self.leg
        return (
            f"<Movie of eclipse {leg.eclipse} {leg.band} leg {leg.leg}: "
            f"{len(self)} frames of {self.depth:g} s>"
        )

    @property
    def name(self) -> str:
        """Name of its file, without compression and ending: ``e23456-nd-f0030-b00-movie``."""
        return f"{leg_stem(self.leg, self.depth)}-movie{mask_suffix(self.mask)}"

    @property
    def wcs(self) -> "WCS":
        """The world coordinate system of every frame."""
        return self.geometry.wcs()

    def exposure_table(self) -> "Table":
        """Return a row for each frame: its number, times and exposure."""
        return self.exposures.copy()

    def write(
        self,
        path: str | Path,
        compression: str | Compression = "rice",
        *,
        burst: bool = False,
        on_progress: Progress = no_progress,
    ) -> tuple[Path, ...]:
        """Write the movie to FITS, frame by frame, and enter it into the archive's products.

        Parameters
        ----------
        path : str or Path
            A file, or a folder that exists: the file then gets its usual name.  With `burst` a
            folder, which is made.
        compression : str
            ``rice`` (a tile is a frame; COUNT within 1/2048 photon), ``gzip`` or ``none``.
        burst : bool
            One file for each frame.
        on_progress : callable, optional
            Told ``("writing", done, total)``.

        Returns
        -------
        tuple of Path
            What was written.

        Raises
        ------
        ProductError
            If it cannot be written; an incomplete file is never left under its name.
        """
        from gphoton_db.products.movies.files import write_burst, write_movie

        chosen = Compression.parse(compression)
        write = write_burst if burst else write_movie
        with self.entering(chosen, burst) as move:
            return write(self, Path(path).expanduser(), chosen, self.threads, on_progress, move)

    def plot(self) -> "Figure":
        """Return a figure with up to twelve frames, and the count rate over time."""
        from gphoton_db.products.movies.pictures import plot_movie

        return plot_movie(self)

    def animate(
        self,
        path: str | Path,
        *,
        frames_per_second: float = 8.0,
        on_progress: Progress = no_progress,
    ) -> Path:
        """Write the movie as an animated picture.

        Parameters
        ----------
        path : str or Path
            Ends in ``.gif``, or in ``.mp4`` (which needs imageio-ffmpeg).
        frames_per_second : float
            How fast it is shown.
        on_progress : callable, optional
            Told ``("drawing", done, total)``.

        Raises
        ------
        ProductError
            If it cannot be written.
        """
        from gphoton_db.products.movies.pictures import animate_movie

        return animate_movie(self, Path(path).expanduser(), frames_per_second, on_progress)
