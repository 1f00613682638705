"""A first session on made-up telemetry: nothing but this repository is needed.

    python docs/first_session.py [FOLDER]

Makes a short NUV visit of two legs, in the mission's own file formats and with a made-up
calibration set, below FOLDER (by default ./gphoton-demo), and then runs the commands that a user
would run on real files.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.simulate.plan import LegPlan  # noqa: E402
from gphoton_db.simulate.scene import Scene, Source  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import Visit, simulate_visit  # noqa: E402

RA, DEC = 323.4928, -2.0640
"""A star of 20 detected photons a second, which both legs see."""

QUERIES = (
    "SELECT leg, n_photons, n_unflagged, round(exposure, 1) AS exposure FROM legs ORDER BY leg",
    "SELECT flags, count(*) AS photons, round(avg(detrad), 1) AS detrad FROM photons "
    "GROUP BY flags ORDER BY flags",
    f"SELECT leg, floor(t / 20) * 20 AS t0, count(*) AS photons, "
    f"round(sum(1 / response), 1) AS weighted FROM photons "
    f"WHERE ra BETWEEN {RA - 0.0035:.4f} AND {RA + 0.0035:.4f} "
    f"AND dec BETWEEN {DEC - 0.0035:.4f} AND {DEC + 0.0035:.4f} GROUP BY ALL ORDER BY t0",
)


def make_telemetry(folder: Path) -> Visit:
    """Write a made-up visit with its calibration."""
    calibration = folder / "calibration-made-up"
    write_synthetic_calibration(calibration)
    star = Source(RA, DEC, 20.0)
    field = tuple(Source(RA + dx / 10, DEC + dy / 10, 2.0) for dx in (-3, 2) for dy in (-2, 3))
    return simulate_visit(
        folder,
        calibration=calibration,
        band=Band.NUV,
        eclipse=23456,
        legs=(LegPlan(RA, DEC, duration=80), LegPlan(RA + 0.4, DEC, duration=80)),
        scene=Scene(sources=(star, *field), background=1500.0),
    )


def run(*words: object) -> None:
    """Show a command, and run it."""
    command = ["gphoton-db", *map(str, words)]
    print(f"\n$ {shlex.join(command)}", flush=True)
    subprocess.run([sys.executable, "-m", "gphoton_db", *command[1:]], check=True, cwd=Path.cwd())


def main() -> None:
    """Make the telemetry, ingest it, and look at it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "gphoton-demo")
    print(f"making telemetry in {folder} ...", flush=True)
    visit = make_telemetry(folder)
    os.environ["GPHOTON_DB_ARCHIVE"] = str(folder / "archive")
    os.environ["PYTHONPATH"] = str(ROOT)
    run(
        *("ingest", visit.eclipse, visit.band, "--raw6", visit.raw6),
        *("--pointing", visit.pointing, "--calibration", visit.calibration, "--force"),
    )
    run("status")
    for query in QUERIES:
        run("sql", query)


if __name__ == "__main__":
    main()
