"""What a run made of a leg, as text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gphoton_db.cli.console import counted

if TYPE_CHECKING:
    from gphoton_db.products.run_leg import LegReport


def remarks_on(name: str, leg: "LegReport") -> Iterator[str]:
    """Yield what is to be said of a leg of a band, whose name is given, besides its files."""
    if leg.skipped:
        yield f"{name} leg {leg.leg}: skipped, {leg.skipped}"
    if leg.n_sources is not None:
        yield f"{name} leg {leg.leg}: {counted(leg.n_sources, 'source')} measured"
    for remark in leg.remarks:
        yield f"{name} leg {leg.leg}: {remark}"
