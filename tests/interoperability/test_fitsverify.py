"""fitsverify finds neither errors nor warnings in our FITS files."""

import subprocess
from pathlib import Path

from gphoton_db.archive import Archive
from tests.archives import SessionArchive
from tests.interoperability.conftest import Program


def verified(program: Program, *paths: Path) -> str:
    done = subprocess.run(
        [program("fitsverify"), *map(str, paths)], capture_output=True, text=True, timeout=300
    )
    return "\n".join(
        line for line in done.stdout.splitlines() if "*** " in line or "warning" in line.lower()
    )


def test_tables_are_verified(files: Path, program: Program) -> None:
    paths = sorted(files.glob("*.fits"))
    assert len(paths) == 6
    said = verified(program, *paths)
    assert said.count("Verification found 0 warning(s) and 0 error(s)") == len(paths), said


def test_images_are_verified(seen: SessionArchive, program: Program, tmp_path: Path) -> None:
    with Archive(seen.archive_path) as archive:
        image = archive.image(23500, "NUV", pixel=12)
        movie = archive.movie(23500, "NUV", depth=30, pixel=12)
        paths = [image.write(tmp_path / "image.fits", "rice")]
        # The other planes of an image are written as those of a movie are.
        paths += [movie.write(tmp_path / f"movie-{c}.fits", c)[0] for c in ("rice", "none")]
    said = verified(program, *paths)
    assert said.count("Verification found 0 warning(s) and 0 error(s)") == len(paths), said
