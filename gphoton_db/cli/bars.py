"""Bars of rich with the part that is done and the time left."""

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from gphoton_db.cli.console import Output


def bars(shown: Output, *, quiet: bool = False, speed_estimate_period: float = 30.0) -> Progress:
    """Return bars with the part that is done and the time left, where there is a terminal.

    Parameters
    ----------
    shown : Output
        Where they are shown.
    quiet : bool
        Show nothing there either.
    speed_estimate_period : float
        Seconds that the time left is judged by.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        _TimeColumn(),
        console=shown.console,
        transient=True,
        speed_estimate_period=speed_estimate_period,
        disable=quiet or not shown.is_terminal,
    )


class _TimeColumn(ProgressColumn):
    """The time left; where a task says so, the time that has passed: its steps are few and long."""

    max_refresh = 0.5

    def __init__(self) -> None:
        super().__init__()
        self._left, self._passed = TimeRemainingColumn(), TimeElapsedColumn()

    def render(self, task: Task) -> Text:
        return self._passed.render(task) if task.fields.get("passed") else self._left.render(task)
