"""Work that pandas is not loaded for, in a process of its own."""

import subprocess
import sys

from tests.gphoton_db.archives import ROOT

PROGRAM = """
import sys

import duckdb
import pyarrow as pa

from gphoton_db.system.without_pandas import without_pandas

with without_pandas():
    assert pa.array([0.5]).to_pylist() == [0.5]
    assert pa.table({"a": [1, None]})["a"].null_count == 1
    assert duckdb.execute("SELECT ?", [3]).fetchall() == [(3,)]
    try:
        import pandas
    except ModuleNotFoundError as error:
        assert error.name == "pandas"
    from gphoton_db.catalogue.inserts import insert_table

    with duckdb.connect() as session:
        session.execute("CREATE TABLE numbers (a INTEGER)")
        insert_table(session, "numbers", pa.table({"a": [1, 2]}))
        assert session.execute("SELECT sum(a) FROM numbers").fetchall() == [(3,)]
    assert "pyarrow.dataset" not in sys.modules
    import pyarrow.dataset  # others find it

    import gphoton_db.pipeline.products_job  # with astropy's tables, as workers that run
    assert "pandas" not in sys.modules

import pandas as pd

assert pa.table({"a": [1]}).to_pandas()["a"].tolist() == [1]
assert pa.array(pd.Series([1.0, None])).null_count == 1
assert duckdb.sql("SELECT 1 AS a").df()["a"].tolist() == [1]
with without_pandas():
    import pandas as again

assert again is pd
"""


def test_arrow_and_duckdb_do_without_pandas_and_find_it_later() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
