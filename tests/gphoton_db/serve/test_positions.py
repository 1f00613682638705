"""Light curves, photons, names, lists and exports of a position, compared with the archive's."""

import csv
import io
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star
from tests.gphoton_db.serve.conftest import Client, started


@pytest.fixture(scope="module")
def place(two_bands: SessionArchive) -> dict[str, float]:
    """The flaring star, as a request has it."""
    star = two_bands.star(Star.FLARING)
    return {"ra": star.ra, "dec": star.dec}


@pytest.mark.parametrize(("step", "annulus"), [("5", "40,80"), ("visit", None), ("30", None)])
def test_curves_are_those_of_the_archive(
    client: Client, served: Archive, place: dict[str, float], step: str, annulus: str | None
) -> None:
    asked = place | {"radius": 15.0, "step": step} | ({"annulus": annulus} if annulus else {})
    bands = client.get("/api/lightcurve", **asked).json()["bands"]
    expected = served.lightcurve(
        place["ra"],
        place["dec"],
        radius=15.0,
        step=None if step == "visit" else float(step),
        annulus=(40.0, 80.0) if annulus else None,
    )
    names = {"background": "bg", **{n: n for n in ("t0", "t1", "exposure", "cps", "cps_err")}}
    for band in ("NUV", "FUV"):
        (leg,) = bands[band]
        rows = expected.of_band(band)
        assert leg["counts"] == rows["counts"].value.astype(int).tolist()
        assert leg["flags"] == rows["flags"].tolist()
        for shown, name in names.items():
            found = np.array(leg[shown], np.float64)
            np.testing.assert_array_equal(found, np.asarray(rows[name].value))


def test_counts_are_those_of_sql(client: Client, served: Archive, place: dict[str, float]) -> None:
    leg = client.get("/api/lightcurve", **place, radius=12.8, step=5).json()["bands"]["NUV"][0]
    rows = served.query(
        "SELECT counts, cps FROM lightcurve($ra, $dec, 12.8, step := 5, band := 'NUV')ORDER BY t0",
        place,
    ).rows()
    assert leg["counts"] == [row["counts"] for row in rows]
    assert leg["cps"] == pytest.approx([row["cps"] for row in rows], rel=1e-9)
    assert max(leg["cps"]) > 2 * min(leg["cps"])


def test_a_leg_and_a_band_can_be_chosen(client: Client, place: dict[str, float]) -> None:
    both = client.get("/api/lightcurve", **place).json()["bands"]
    eclipse = both["FUV"][0]["eclipse"]
    one = client.get("/api/lightcurve", **place, bands="FUV", leg=f"{eclipse}.0").json()["bands"]
    assert one == {"FUV": both["FUV"]}
    other = client.get("/api/lightcurve", **place, leg="1.0")
    assert (other.status, other.error) == (404, "leg 1.0 did not see this position")
    for path in ("/api/export/lightcurve", "/api/events"):
        assert client.get(path, **place, leg="1.0").status == 404


def test_where_nothing_was_seen_it_is_said(client: Client) -> None:
    reply = client.get("/api/lightcurve", ra=10, dec=80)
    assert (reply.status, "no coverage" in reply.error) == (404, True)


def test_photons_are_those_of_the_archive(
    client: Client, served: Archive, place: dict[str, float]
) -> None:
    asked = place | {"radius": 20, "band": "NUV"}
    reply = client.get("/api/events", **asked)
    table = pa.ipc.open_stream(reply.content).read_all()
    expected = served.events(place["ra"], place["dec"], 20, bands="NUV")
    assert table["t"].to_pylist() == expected["t"].value.tolist()
    assert table["weight"].to_pylist() == expected["weight"].tolist()
    assert reply.headers["x-truncated"] == "false"
    few = client.get("/api/events", **asked, format="json", limit=5).json()
    assert (len(few["rows"]), few["truncated"]) == (5, True)
    t0, t1 = table["t"][3].as_py(), table["t"][10].as_py()
    part = client.get("/api/events", **asked, t0=t0, t1=t1, format="json").json()
    assert len(part["rows"]) == sum(t0 <= t < t1 for t in table["t"].to_pylist())


def test_an_image_is_that_of_the_command(
    client: Client, served: Archive, place: dict[str, float]
) -> None:
    reply = client.get("/api/export/image", **place, band="NUV", size=3)
    assert 'filename="' in reply.headers["content-disposition"]
    (made,) = served.map(place["ra"], place["dec"], 3 / 60, bands="NUV")
    with fits.open(io.BytesIO(reply.content)) as hdus:
        for name in ("COUNT", "EXPOSURE"):
            expected = getattr(made, name.lower())
            np.testing.assert_allclose(hdus[name].data, expected, atol=6e-4)
        assert hdus[0].header["PHOTCNT"] == made.header["PHOTCNT"]
    assert made.name in reply.headers["content-disposition"]


def test_a_leg_or_a_part_of_the_time_can_be_taken_away(
    client: Client, served: Archive, place: dict[str, float]
) -> None:
    (leg,) = (each for each in served.legs() if each.band == "FUV")
    name, t1 = f"{leg.eclipse}.{leg.leg}", leg.t0 + 20
    asked = place | {"band": "FUV", "size": 1.2, "leg": name}
    with fits.open(io.BytesIO(client.get("/api/export/image", **asked).content)) as hdus:
        n_all = hdus[0].header["PHOTCNT"]
    part = client.get("/api/export/image", **asked, t0=leg.t0 - 100, t1=t1).content
    (made,) = served.map(
        place["ra"], place["dec"], 1.2 / 60, bands="FUV", time_ranges=[(leg.t0, t1)]
    )
    with fits.open(io.BytesIO(part)) as hdus:
        assert 0 < hdus[0].header["PHOTCNT"] == made.header["PHOTCNT"] < n_all


def test_exports_enter_nothing_into_the_archive(
    client: Client, served: Archive, place: dict[str, float]
) -> None:
    before = served.query("SELECT path FROM products ORDER BY path").rows()
    assert client.get("/api/export/image", **place, band="NUV", size=1).status == 200
    assert client.get("/api/export/lightcurve", **place, format="csv").status == 200
    assert served.query("SELECT path FROM products ORDER BY path").rows() == before


def test_a_curve_can_be_taken_away(
    client: Client, served: Archive, place: dict[str, float]
) -> None:
    reply = client.get("/api/export/lightcurve", **place, step=10, format="csv")
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    expected = served.lightcurve(place["ra"], place["dec"], step=10)
    assert [float(row["cps"]) for row in rows] == expected["cps"].value.tolist()


def test_positions_are_resolved(client: Client) -> None:
    for text in ("323.5 -2.064", "21:34:00 -02:03:50.4"):
        found = client.get("/api/name", q=text).json()
        assert (found["ra"], found["dec"]) == (pytest.approx(323.5), pytest.approx(-2.064))
    for text in ("nowhere", "99999_0_1_nf", "400 0", "nan nan"):
        assert client.get("/api/name", q=text).status == 404


@pytest.mark.parametrize(
    ("view", "order"),
    [("sources", "max_value"), ("catalogue", "source_id"), ("variables", "score")],
)
def test_lists_of_views_without_rows_are_empty(client: Client, view: str, order: str) -> None:
    asked = {"ra": 323.5, "dec": -2, "radius": 600, "band": "NUV", "order": order}
    found = client.get(f"/api/{view}", **asked).json()
    assert (found["rows"], found["truncated"]) == ([], False)
    assert {"ra", "dec"} <= set(found["columns"])


def test_rows_near_a_place_are_those_of_sql(
    two_bands: SessionArchive, place: dict[str, float], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(two_bands.archive_path, tmp_path / "archive"))
    with Archive(root) as archive:
        archive.catalogue(two_bands.visit.eclipse)
        near = archive.query(
            "SELECT source_id FROM catalogue WHERE separation(ra, dec, $ra, $dec) < 600 "
            "ORDER BY separation(ra, dec, $ra, $dec)",
            place,
        ).rows()
    with started(root, tmp_path) as server:
        client = Client(server)
        found = client.get("/api/catalogue", **place, radius=600).json()
        rows = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
        assert len(near) > 2
        assert [row["source_id"] for row in rows] == [row["source_id"] for row in near]
        named = client.get("/api/name", q=near[0]["source_id"]).json()
        assert (named["ra"], named["dec"]) == (rows[0]["ra"], rows[0]["dec"])
        single = client.get("/api/catalogue", **place, radius=600, columns="single").json()
        assert set(found["columns"]) - set(single["columns"]) > {"radii", "nuv_aper_cps"}
        at = [found["columns"].index(name) for name in single["columns"]]
        assert single["rows"] == [[row[k] for k in at] for row in found["rows"]]
        assert single["comments"][single["columns"].index("nuv_cps")].startswith("[1/s]")
        detected = client.get("/api/sources", **place, radius=600, catalog="detected").json()
        of = detected["columns"].index("catalog")
        assert {row[of] for row in detected["rows"]} == {"detected"}
        few = client.get("/api/catalogue", limit=1).json()
        assert (len(few["rows"]), few["truncated"]) == (1, True)
        info = client.get("/api/info").json()
        assert info["has"] == {"sources": True, "catalogue": True, "variables": False}
        assert info["sources"] > 0
