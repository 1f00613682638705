"""The methods of an archive about its sets of calibration files."""

from abc import ABC
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.archive_lightcurves import Bands, parse_bands
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress, no_progress

if TYPE_CHECKING:
    from gphoton_db.calibration.importing import CalibrationImport
    from gphoton_db.calibration.verify import CheckedSet
    from gphoton_db.ingest.mast.options import ServiceOptions

DEFAULT_SET = "default"


class ArchiveCalibration(ABC):
    """What an `Archive` has of calibration.

    Its sets lie side by side: ``default`` in the folder ``calibration``, others in folders of
    their names in it.  Ingests take the default one, or that which they are told.
    """

    paths: ArchivePaths

    def calibration_sets(self) -> "dict[str, CheckedSet]":
        """Return the sets that there are, by name, with their files and what ``legs`` call them.

        Hashes are compared with what was recorded when the files came; arrays and tables are not
        looked at.

        Raises
        ------
        CalibrationError
            If a folder cannot be read.
        """
        from gphoton_db.calibration.sets import set_folder, set_names
        from gphoton_db.calibration.verify import check_set

        root = self.paths.calibration
        folders = {name: set_folder(root, name) for name in set_names(root)}
        return {
            name: check_set(folder, hashes={}, contents=False, on_progress=no_progress)
            for name, folder in folders.items()
        }

    def verify_calibration(
        self,
        name: str | Path = DEFAULT_SET,
        *,
        hashes: str | Path | None = None,
        on_progress: Progress = no_progress,
    ) -> "CheckedSet":
        """Check every file of a set: its form, its record, and a list of hashes.

        Parameters
        ----------
        name : str or Path
            Name of a set, or a folder.
        hashes : str or Path, optional
            A list as ``sha256sum`` or ``git ls-tree -r`` writes it.
        on_progress : callable, optional
            Told ``(stage, done, total)``, in files.

        Returns
        -------
        CheckedSet
            Its ``wrong`` are files that are not what they should be, its ``missing`` are not there.

        Raises
        ------
        CalibrationError
            If there is no such set, or the list cannot be read.
        """
        from gphoton_db.calibration.hashes import read_hash_list
        from gphoton_db.calibration.sets import chosen_folder
        from gphoton_db.calibration.verify import check_set

        return check_set(
            chosen_folder(self.paths.calibration, name),
            hashes=read_hash_list(Path(hashes).expanduser()) if hashes else {},
            on_progress=on_progress,
        )

    def import_calibration(
        self,
        directory: str | Path,
        name: str = DEFAULT_SET,
        *,
        hashes: str | Path | None = None,
        force: bool = False,
        on_progress: Progress = no_progress,
    ) -> "CalibrationImport":
        """Take the calibration files of a folder into a set, and record their hashes.

        All files are checked before the first one is copied; each takes its name when it is whole.

        Parameters
        ----------
        directory : str or Path
            Holds any of the files; others in it are left alone.  The set's own folder: nothing is
            copied, but hashes are recorded from now on.
        name : str
            Of the set; it is made if there is none.
        hashes : str or Path, optional
            A list as ``sha256sum`` or ``git ls-tree -r`` writes it, which they must agree with.
        force : bool
            Replace files of the set that differ.
        on_progress : callable, optional
            Told ``(stage, done, total)``, in files.

        Raises
        ------
        CalibrationError
            If a file is not what it should be, or differs from the set's; the set is then as it
            was.
        """
        from gphoton_db.calibration.hashes import read_hash_list
        from gphoton_db.calibration.importing import import_set
        from gphoton_db.calibration.sets import set_folder

        return import_set(
            Path(directory).expanduser(),
            set_folder(self.paths.calibration, name),
            hashes=read_hash_list(Path(hashes).expanduser()) if hashes else {},
            replace=force,
            on_progress=on_progress,
        )

    def fetch_calibration(
        self,
        name: str = DEFAULT_SET,
        *,
        bands: Bands = None,
        service: "ServiceOptions | None" = None,
        on_download: Progress = no_progress,
    ) -> list[str]:
        """Fetch the calibration files that a set lacks, and record their hashes.

        Parameters
        ----------
        name : str
            Of the set; it is made if there is none.
        bands : optional
            NUV, FUV or both; None is both.
        service : ServiceOptions, optional
            Where to fetch from, and whether to; by default what settings and environment say.
        on_download : callable, optional
            Told ``(file name, bytes done, bytes in all)``.

        Returns
        -------
        list of str
            Names of the files that were fetched.

        Raises
        ------
        OfflineError
            If files are missing and the network must not be used.
        ServiceError
            If one cannot be had; those before it stay.
        """
        from gphoton_db.calibration.sets import files_of, set_folder
        from gphoton_db.intake.inputs import obtain_calibration
        from gphoton_db.settings import load_settings

        return obtain_calibration(
            set_folder(self.paths.calibration, name),
            files_of(*parse_bands(bands)),
            service or load_settings().service(),
            on_download=on_download,
        )
