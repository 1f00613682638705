"""Named queries of variables: within visits, as published, and from visit to visit."""

import pyarrow as pa
import pytest

from gphoton_db.archive import Archive
from gphoton_db.products.variables.table import variables_table
from tests.archives import Star
from tests.products.variables.conftest import ECLIPSE, Measured


def test_candidates_are_those_of_the_view(archive: Archive, measured: Measured) -> None:
    found = archive.named_query("variable_candidates", warned=True, band="NUV").rows()
    names = {row["source_id"] for row in found}
    varying = (Star.FLARING, Star.PULSATING, Star.ECLIPSING)
    assert {f"stars_{int(star)}" for star in varying} <= names
    assert f"stars_{int(Star.BRIGHT)}" not in names
    free = archive.named_query("variable_candidates").rows()
    assert all(not row["warnings"] and row["score"] >= 4.5 for row in free)


def table_of(rows: list[dict[str, float]]) -> pa.Table:
    names = {name for row in rows for name in row}
    columns = {name: pa.array([row.get(name) for row in rows]).to_numpy() for name in names}
    n = len(rows)
    columns |= {"catalog": ["entries"] * n, "source_id": [f"s{k}" for k in range(n)]}
    return variables_table(columns, n)


def test_the_published_recipe_is_that_of_the_flare_catalogue(archive: Archive) -> None:
    good = {"exposure": 900.0, "n_bins": 30, "n_dropped": 1, "n_clean": 29, "max_cps": 2.0}
    good |= {"cps": 0.4, "n_high": 3, "anderson_darling_p": 0.01, "ra": 10.0, "dec": 0.0}
    others: list[dict[str, float]] = [
        {"exposure": 400.0},
        {"n_clean": 20},
        {"max_cps": 0.4},
        {"n_high": 2},
    ]
    others += [{"anderson_darling_p": 0.2}]
    # The last one is 50 arcsec from the first, and changes less.
    near = {**good, "ra": 10.0139, "max_cps": 1.0}
    table = table_of([good, *({**good, "ra": 50.0, **each} for each in others), near])
    for name, value in (("leg", 0), ("band", "NUV"), ("eclipse", ECLIPSE)):
        table = table.append_column(name, pa.array([value] * len(table)))
    assert _published(archive, table) == ["s0"]
    crowd = table_of([{**good, "ra": 10.0 + k} for k in range(20)])
    for name, value in (("leg", 0), ("band", "NUV"), ("eclipse", ECLIPSE)):
        crowd = crowd.append_column(name, pa.array([value] * len(crowd)))
    assert _published(archive, crowd) == []
    assert len(_published(archive, crowd.slice(1))) == 19


def _published(archive: Archive, given: pa.Table) -> list[str]:
    """Return what the recipe selects of a table in the place of the view."""
    import duckdb

    from gphoton_db.query.named import load_query

    sql = load_query("published_variables").sql
    with duckdb.connect(str(archive.paths.catalogue), read_only=True) as connection:
        connection.execute("CREATE TEMP TABLE made_up AS FROM given")
        statement = sql.replace("FROM variables", "FROM made_up").rstrip().rstrip(";")
        values = {"min_exposure": 500, "min_bins": 0.75, "min_cps": 0.5, "min_high": 3}
        values |= {"normal": 0.05, "crowd": 20}
        rows = connection.execute(statement, values).fetchall()
    return [str(row[0]) for row in rows]


TABLES = (
    "CREATE TEMP TABLE object_visits (object_id BIGINT, eclipse INTEGER, leg INTEGER, "
    "nuv_cps_bgsub DOUBLE, nuv_cps_bgsub_err DOUBLE, fuv_cps_bgsub DOUBLE, "
    "fuv_cps_bgsub_err DOUBLE)",
    "CREATE TEMP TABLE objects AS SELECT 7::BIGINT AS object_id, 10.0 AS ra, 0.0 AS dec, "
    "4 AS n_covered, 3 AS n_visits",
    "CREATE TEMP TABLE legs AS SELECT eclipse, 0 AS leg, 'NUV' AS band, 10.0 + off / 3600 AS ra0, "
    "0.0 AS dec0, 0.637 AS radius, 100.0 AS exposure "
    "FROM (VALUES (103, 30), (104, 30), (105, 2190)) AS given (eclipse, off)",
    "CREATE TEMP TABLE catalogue AS SELECT eclipse, 0 AS leg, 10.0 AS ra, away / 3600 AS dec, "
    "0.001 AS nuv_sky, NULL::DOUBLE AS fuv_sky, 12.8 AS radius "
    "FROM (VALUES (103, 60), (104, -8), (105, 60)) AS given (eclipse, away)",
)
"""An object of three visits; a fourth, 30 arcsec from its boresight, sees nothing of it.  Of two
more one has a source 8 arcsec away, and the other the object at its edge."""


@pytest.mark.parametrize(("rates", "sigma"), [((1.0, 1.1, 0.9), 0), ((1.0, 3.0, 0.5), 5)])
def test_rates_of_visits_are_compared(
    archive: Archive, rates: tuple[float, ...], sigma: float
) -> None:
    import duckdb

    from gphoton_db.query.named import load_query

    sql = load_query("long_term_variables").sql.rstrip().rstrip(";")
    seen = [(7, 100 + k, 0, rate, 0.1, None, None) for k, rate in enumerate(rates)]
    with duckdb.connect(str(archive.paths.catalogue), read_only=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
        connection.executemany("INSERT INTO object_visits VALUES (?, ?, ?, ?, ?, ?, ?)", seen)
        names = ("object_id", "visits", "cps", "chi2", "sigma", "unseen", "upper_limit")
        statement = f"SELECT {', '.join(names)} FROM ({sql})"
        values = {"min_sigma": 5, "band": None, "object": None}
        (row,) = connection.execute(statement, values).fetchall()
    found = dict(zip(names, row, strict=True))
    mean = sum(rates) / 3
    assert found["chi2"] == pytest.approx(sum((rate - mean) ** 2 for rate in rates) / 0.01)
    assert (found["visits"], found["unseen"]) == (3, 1)
    assert found["sigma"] >= sigma
    # S is 3 errors, sqrt(S + B): B is 51.5 photons.
    limit = found["upper_limit"] * 100
    assert limit == pytest.approx(3 * (limit + 0.001 * 3.14159265 * 12.8**2 * 100) ** 0.5, rel=1e-6)
    assert limit / 100 < found["cps"]
