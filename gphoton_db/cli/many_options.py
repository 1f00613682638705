"""Options of the commands that do many things at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

EclipsesOption = Annotated[
    str | None,
    typer.Option(
        "--eclipses",
        metavar="LIST|RANGE|FILE|-",
        help="Many eclipses: 23456,23460 or 23400-23500, or a file of such lines, or CSV or "
        "Parquet with a column eclipse (and band); - reads standard input.",
    ),
]
BandsOption = Annotated[
    str | None,
    typer.Option(
        "--bands", metavar="NUV,FUV", help="Bands of the eclipses for which --eclipses names none."
    ),
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        help="Bands at a time (default: half the number of cores, or one for each worker of the "
        "cluster).",
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS|slurm|FILE",
        help="Have the workers of a Dask cluster do it: address of its scheduler, scheduler file "
        "(.json), slurm, or Dask's settings for Slurm (.yaml); local: processes of our own "
        "(default: settings, else local).",
    ),
]
ProcessesOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        help="Processes that do it (default for a cluster: one for each of its workers).",
    ),
]
"""Of commands that do without other processes if neither this nor a cluster is given."""

FailedOption = Annotated[
    Path | None,
    typer.Option(
        "--failed",
        help="List of the eclipses that failed, to try again with --eclipses (default: "
        "failed-eclipses.csv in the archive).",
    ),
]
AllRowsOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        help="File for all rows: .parquet, .fits, .vot, .csv, .ecsv (default: only the archive).",
    ),
]
"""Of commands whose rows the archive has anyway."""


@dataclass(frozen=True)
class HowMany:
    """How a command works on many eclipses.

    Parameters
    ----------
    jobs : int, optional
        So many at a time.
    cluster : str, optional
        Whose workers do them.
    failed : Path, optional
        The list of what failed.
    as_json : bool
        Whether machines are to read what came of it.
    """

    jobs: int | None = None
    cluster: str | None = None
    failed: Path | None = None
    as_json: bool = False


def refuse_options_of_many(given: Mapping[str, object], many: str = "--eclipses") -> None:
    """Refuse options that go with many eclipses (or what `many` names), where there is one."""
    for option, value in given.items():
        if value is not None:
            raise typer.BadParameter(f"goes with {many}", param_hint=option)
