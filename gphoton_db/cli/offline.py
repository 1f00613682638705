"""The option ``--offline``, which commands that may fetch something have."""

from typing import Annotated

import typer

Offline = Annotated[
    bool,
    typer.Option("--offline", help="Never use the network; an error lists what is missing."),
]
