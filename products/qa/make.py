"""The sheet of some candidates: one HTML file that needs nothing else; see `Archive.qa`."""

import json
import logging
from pathlib import Path
from typing import Any

from gphoton_db._version import __version__
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning
from gphoton_db.products.qa.candidates import Candidate, Visit, read_candidates
from gphoton_db.products.qa.curves import VisitCurves, visit_curves
from gphoton_db.products.qa.options import QaOptions
from gphoton_db.products.qa.stamps import frame_side, leg_pictures, stamp_arcsec
from gphoton_db.products.quantities import arcsec_of
from gphoton_db.products.reader import ArchiveReader, legs_of
from gphoton_db.products.registry import entered
from gphoton_db.progress import one_by_one

logger = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("data.js", "plot.js", "detail.js", "sheet.js")

Shown = dict[str, Any]


def make_sheet(
    archive: ArchiveReader, candidates: Any, path: str | Path, options: QaOptions
) -> Path:
    """Write the sheet of some candidates to an HTML file, which is replaced.

    Raises
    ------
    ProductError
        If there are no candidates, or the file cannot be written; nothing is left then.
    """
    file = Path(path).expanduser()
    if file.suffix.lower() not in (".html", ".htm"):
        raise ProductError(f"{file}: give a name that ends in .html")
    found = read_candidates(archive, candidates)
    by_visit: dict[Visit, list[Candidate]] = {}
    for each in found:
        by_visit.setdefault((each.eclipse, each.leg), []).append(each)
    frames: list[Shown] = []
    shown: list[Shown] = []
    side = frame_side(2 * len(by_visit))
    for visit in one_by_one(list(by_visit), archive.on_progress, "visits"):
        parts, pictures = _visit(archive, visit, by_visit[visit], side, options, len(frames))
        shown += parts
        frames += pictures
    order = {id(each): number for number, each in enumerate(found)}
    shown.sort(key=lambda part: order[part.pop("_id")])
    aperture = arcsec_of(options.radius, "radius") / stamp_arcsec(options.size)
    content = {"title": options.title, "aperture": aperture}
    text = _page(content | {"candidates": shown, "frames": frames})
    parameters = {"title": options.title, "candidates": len(found)}
    with (
        entered(archive.catalogue, kind="qa", parameters=parameters) as move,
        being_written(file, move) as temporary,
    ):
        temporary.write_text(text, "utf-8")
    return file


def _visit(
    archive: ArchiveReader,
    visit: Visit,
    candidates: list[Candidate],
    side: int,
    options: QaOptions,
    n_before: int,
) -> tuple[list[Shown], list[Shown]]:
    """Return the candidates of a visit as the sheet has them, and its full frames."""
    parts = _parts(visit_curves(archive, visit, candidates, options), candidates)
    frames: list[Shown] = []
    for leg in _legs(archive, visit):
        pictures = leg_pictures(
            archive,
            leg,
            [each.ra for each in candidates],
            [each.dec for each in candidates],
            n_frames=options.frames,
            size=options.size,
            frame_side=side,
            threads=options.threads,
        )
        for number, part in enumerate(parts):
            part["pictures"][str(leg.band)] = {
                "frame": n_before + len(frames),
                "place": pictures.place[number],
                "thumbnail": pictures.thumbnails[number],
                "movie": pictures.movies[number],
            }
        frames.append({"image": pictures.frame, "scale": pictures.scale})
    return parts, frames


def _parts(curves: VisitCurves, candidates: list[Candidate]) -> list[Shown]:
    """Return candidates as the sheet has them, without pictures."""
    names = ("source_id", "ra", "dec", "band", "eclipse", "leg", "statistics")
    return [
        {
            **{name: getattr(each, name) for name in names},
            "_id": id(each),
            "t0": curves.t0,
            "curves": curves.curves[number],
            "neighbours": [
                {"separation": near.separation, "curves": curves.targets[near.target]}
                for near in curves.neighbours[number]
            ],
            "pictures": {},
        }
        for number, each in enumerate(candidates)
    ]


def _legs(archive: ArchiveReader, visit: Visit) -> list[LegRecord]:
    """Return the legs of a visit that have photons, one a band."""
    found = []
    for band in Band:
        try:
            legs = legs_of(archive, visit[0], band)
        except ProductError:
            continue  # one band is enough
        found += [leg for leg in legs if leg.leg == visit[1] and leg.photon_t0 is not None]
    return found


def _page(data: Shown) -> str:
    """Return the text of the sheet."""
    bits = {
        **{str(int(each)): _words(each.name) for each in LightCurveFlag},
        **{str(int(each) << 8): _words(each.name) for each in LightCurveWarning},
    }
    content = json.dumps(data | {"bits": bits, "version": __version__}, allow_nan=False)
    page = (PAGE / "sheet.html").read_text("utf-8")
    # A sheet is opened from a disk, where a browser loads no modules: all is in the one file.
    parts = {
        "STYLE": (PAGE / "sheet.css").read_text("utf-8"),
        "SCRIPT": "\n".join((PAGE / name).read_text("utf-8") for name in SCRIPTS),
        "DATA": content.replace("<", "\\u003c"),
    }
    for name, text in parts.items():
        page = page.replace(f"/*{name}*/", text, 1)
    return page


def _words(name: str | None) -> str:
    return (name or "").lower().replace("_", " ")
