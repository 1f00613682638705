"""What is in the file of a sheet, and which candidates are refused."""

import base64
import json
import logging
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table
from PIL import Image

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.qa.candidates import read_candidates
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli
from tests.shared import own_copy


@pytest.fixture(scope="module")
def archive(root: Path) -> Iterator[Archive]:
    with Archive(root) as opened:
        yield opened


def data_of(sheet: Path) -> dict[str, Any]:
    text = sheet.read_text("utf-8")
    start = text.index('type="application/json">') + len('type="application/json">')
    found: dict[str, Any] = json.loads(text[start : text.index("</script>", start)])
    return found


def floats(packed: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(base64.b64decode(packed), "<f4")


def pixels(uri: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.split(",")[1]))))


def test_light_curves_are_those_of_the_archive(sheet: Path, root: Path, candidates: Table) -> None:
    shown = data_of(sheet)["candidates"]
    assert [each["source_id"] for each in shown] == ["flaring", "</script><b>x", "both"]
    first = shown[0]
    with Archive(root) as archive:
        curve = archive.lightcurve(
            *(candidates["ra"][0], candidates["dec"][0]),
            step=2,
            time_ranges=[(first["t0"], first["t0"] + 1e4)],
            mask_sources=False,
        )
    for band in ("NUV", "FUV"):
        of_band = curve.of_band(band)
        packed = first["curves"][band]
        np.testing.assert_allclose(floats(packed["cps"]), of_band["cps"].value, rtol=1e-6)
        np.testing.assert_allclose(floats(packed["err"]), of_band["cps_err"].value, rtol=1e-6)
        bits = of_band["flags"] | of_band["warnings"] << 8
        np.testing.assert_array_equal(floats(packed["bits"]), bits)
    # The flare star is a candidate twice, with one light curve.
    assert shown[2]["curves"] == first["curves"]


def test_pictures_show_the_star_in_their_middle(sheet: Path) -> None:
    data = data_of(sheet)
    for band in ("NUV", "FUV"):
        pictures = data["candidates"][0]["pictures"][band]
        thumbnail, movie = pixels(pictures["thumbnail"]), pixels(pictures["movie"])
        side = len(thumbnail)
        assert thumbnail.shape == (side, side)
        assert movie.shape == (side, 6 * side)
        row, column = np.unravel_index(thumbnail.argmax(), thumbnail.shape)
        assert abs(row - side // 2) <= 3
        assert abs(column - side // 2) <= 3
        # The flare is in one frame of the movie, and its light in the full frame where it is said.
        per_frame = (movie.astype(float) ** 2).reshape(side, 6, side).sum(axis=(0, 2))
        assert per_frame.max() > 2 * np.median(per_frame)
        frame = pixels(data["frames"][pictures["frame"]]["image"])[..., 0].astype(float)
        x, y = pictures["place"]
        down, across = int(y * frame.shape[0]), int(x * frame.shape[1])
        near = frame[max(down - 4, 0) : down + 5, max(across - 4, 0) : across + 5]
        assert near.max() > 4 * frame.mean()


def test_the_file_needs_nothing_else(sheet: Path) -> None:
    text = sheet.read_text("utf-8")
    assert "/*DATA*/" not in text
    assert "default-src 'none'" in text
    for word in ("http://", "https://", "import ", 'src="/', "@import", "url("):
        assert word not in text.replace("http://www.w3.org/2000/svg", "")
    assert text.count("</script>") == 2


def test_candidates_that_cannot_be_shown_are_said(
    root: Path, two_bands: SessionArchive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    star = two_bands.star(Star.BRIGHT)
    with Archive(root) as archive, caplog.at_level(logging.WARNING):
        # Without an eclipse it is the longest visit; without a name, its number.
        listed = Table({"ra": [star.ra, np.nan], "dec": [star.dec, 1.0]})
        made = archive.qa(listed, tmp_path / "one.html", step=10, neighbours=0)
        (shown,) = data_of(made)["candidates"]
        assert (shown["source_id"], shown["eclipse"]) == ("1", two_bands.visit.eclipse)
        assert "1 of 2 rows are left out" in caplog.text
        for wrong, message in (
            (listed[:0], "has no rows"),
            (listed[1:], "no ingested leg saw any"),
            (Table({"ra": [1.0], "dec": [2.0], "eclipse": ["x"]}), "no number of an eclipse"),
            (Table({"ra": [1.0], "dec": [2.0], "eclipse": [np.inf]}), "inf is no number"),
            (Table({"ra": [1.0], "dec": [2.0], "eclipse": [23500.5]}), "23500.5 is no number"),
            (Table({"ra": [1.0], "dec": [-95.0]}), "column dec, row 0 .from 0.: -95 deg"),
        ):
            with pytest.raises(ProductError, match=message):
                archive.qa(wrong, tmp_path / "none.html")
        with pytest.raises(ProductError, match=r"ends in \.html"):
            archive.qa(listed, tmp_path / "sheet.pdf")
        with pytest.raises(ProductError, match="frames"):
            archive.qa(listed, tmp_path / "none.html", frames=0)
    assert not (tmp_path / "none.html").exists()


def test_a_candidate_is_shown_in_the_visit_in_which_it_varied(
    overlapping_visits: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, overlapping_visits.archive_path)
    star = overlapping_visits.star(Star.FLARING)
    place = Table({"ra": [star.ra], "dec": [star.dec]})
    with Archive(root) as archive:

        def shown() -> int:
            (candidate,) = read_candidates(archive._product_reader(), place)
            return candidate.eclipse

        longest = shown()
        (other,) = {visit.eclipse for visit in overlapping_visits.visits} - {longest}
        archive.variables(other, catalog=place, depth=5)
        assert shown() == other
        (leg,) = (each for each in archive.legs() if each.eclipse == longest)
        span = (leg.photon_t0 or 0.0, (leg.photon_t1 or 0.0) + 1)
        assert len(archive.flares(star.ra, star.dec, step=2, time_ranges=[span]))
        assert shown() == longest


def test_the_command_takes_a_query_and_reads_verdicts(
    root: Path, two_bands: SessionArchive, tmp_path: Path, cli: Cli
) -> None:
    star = two_bands.star(Star.FLARING)
    sql = (
        f"SELECT 'q' AS name, {star.ra}::DOUBLE AS ra, {star.dec}::DOUBLE AS dec, ['a', 'b'] AS why"
    )
    done = cli("--archive", root, "qa", "--query", sql, "--output", tmp_path / "q.html")
    assert done.code == 0, done.err
    (shown,) = data_of(tmp_path / "q.html")["candidates"]
    assert shown["statistics"] == {"why": "a, b"}
    file = tmp_path / "verdicts.csv"
    file.write_text(
        "sheet,source_id,ra,dec,eclipse,leg,band,verdict,note,judged_at\n"
        f'q,q,{star.ra},{star.dec},{two_bands.visit.eclipse},0,NUV,real,"a, b",2026-01-01\n'
        f"q,p,{star.ra},{star.dec},{two_bands.visit.eclipse},0,NUV,,,\n"
    )
    for words in ("1 verdict read: 1 new, 0 changed", "1 verdict read: 0 new, 0 changed"):
        done = cli("--archive", root, "qa", "--verdicts", file)
        assert done.code == 0, done.err
        assert words in done.err
    file.write_text(file.read_text().replace("real", "artifact"))
    with Archive(root) as archive:
        assert archive.read_verdicts(file).n_changed == 1
        (row,) = archive.query("SELECT verdict, note, band FROM verdicts WHERE sheet = 'q'").rows()
        assert row == {"verdict": "artifact", "note": "a, b", "band": "NUV"}
    assert cli("--archive", root, "qa").code != 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "has no column sheet"),
        ("{head}s,x,1,2,99999999999999999999,0,NUV,real,,\n", "there is no eclipse 9999"),
        ("{head}s,x,1,2,3,-1,NUV,real,,\n", "there is no leg -1"),
        ("{head}s,x,1,-95,3,0,NUV,real,,\n", "line 2: has no position"),
        ("{head}s,,1,2,3,0,NUV,real,,\n", "line 2: has no source_id"),
        ("{head}s,x,1,2,3,0,NUV,real,a note, cut,now\n", "line 2: has more or fewer values"),
        ("{head}s,x,1,2,3,0\n", "line 2: has more or fewer values"),
        ("{head}s,x,1,2,3,0,NUV,perhaps,,\n", "line 2: 'perhaps' is no verdict"),
        ("{head}s,x,1,2,3,0,GUV,real,,\n", "is no band"),
        ("{head}s,x,1,2,many,0,NUV,real,,\n", "eclipse = 'many' is no number"),
        ("{head}s,x,nan,2,3,0,NUV,real,,\n", "has no position"),
    ],
)
def test_a_file_that_is_no_sheets_is_refused(
    archive: Archive, tmp_path: Path, text: str, message: str
) -> None:
    head = "sheet,source_id,ra,dec,eclipse,leg,band,verdict,note,judged_at\n"
    file = tmp_path / "verdicts.csv"
    file.write_text(text.format(head=head) if "{head}" in text else text)
    with pytest.raises(ProductError, match=message):
        archive.read_verdicts(file)
