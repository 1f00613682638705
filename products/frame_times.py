"""When the frames of a movie begin and end."""

import math
from dataclasses import dataclass

from gphoton_db.errors import ProductError

TICK_MS = 5
"""Telemetry times are this far apart; shorter frames would hold what lies between the ticks."""

MAX_FRAMES = 400_000
"""As many as the ticks of the longest visits: beyond that, a start far from the visit."""


@dataclass(frozen=True)
class FrameTimes:
    """Frames of equal length one after the other, half-open: ``t0 <= t < t1``.

    Parameters
    ----------
    start_ms : int
        Start of the first frame, GALEX ms.
    depth_ms : int
        Length of each; the last one is not cut short.
    n_frames : int
        How many there are.
    """

    start_ms: int
    depth_ms: int
    n_frames: int

    def span_ms(self, number: int) -> tuple[int, int]:
        """Return start and end of a frame, GALEX ms."""
        start = self.start_ms + number * self.depth_ms
        return start, start + self.depth_ms

    @property
    def stop_ms(self) -> int:
        """End of the last frame, GALEX ms."""
        return self.start_ms + self.n_frames * self.depth_ms


def plan_frames(
    first_ms: int,
    last_ms: int,
    depth: float,
    *,
    start: float | None = None,
    grid_ms: int | None = None,
) -> FrameTimes:
    """Return the frames that hold all photons from the first (or a start) to the last.

    Parameters
    ----------
    first_ms, last_ms : int
        Times of the first and last photon on the detector, GALEX ms; the last is in a frame too.
    depth : float
        Length of a frame, s: whole milliseconds, at least `TICK_MS`, and no longer than what is
        to be divided.
    start : float, optional
        Start of the first frame, GALEX s; earlier photons are left out.
    grid_ms : int, optional
        Start, GALEX ms, of a frame of another movie, with whose frames these coincide: the first
        is the one that holds the first photon, so that none is lost.

    Raises
    ------
    ProductError
        If the depth or the start is not valid.
    """
    depth_ms = _whole_ms(depth, "depth of the frames")
    if depth_ms < TICK_MS:
        raise ProductError(
            f"frames of {depth:g} s are not valid: events are timed every {TICK_MS / 1000} s, "
            f"so give a depth of {TICK_MS / 1000} s or more"
        )
    start_ms = first_ms
    if start is not None:
        start_ms = _whole_ms(start, "start of the first frame")
    elif grid_ms is not None:
        start_ms = grid_ms + (first_ms - grid_ms) // depth_ms * depth_ms
    if start_ms > last_ms:
        raise ProductError(
            f"frames from {start_ms / 1000:.3f} s on hold nothing: "
            f"the last photon is of {last_ms / 1000:.3f} s (GALEX time)"
        )
    whole_ms = last_ms - min(start_ms, first_ms)
    if depth_ms > whole_ms:
        raise ProductError(
            f"frames of {depth:g} s are longer than all there is, {whole_ms / 1000:g} s: "
            "give a smaller depth, or make an image"
        )
    n_frames = (last_ms - start_ms) // depth_ms + 1
    if n_frames > MAX_FRAMES:
        raise ProductError(
            f"from {start_ms / 1000:.3f} to {last_ms / 1000:.3f} s there are {n_frames:,} frames "
            f"of {depth:g} s, more than {MAX_FRAMES:,}: is the start that of this visit?"
        )
    return FrameTimes(start_ms, depth_ms, n_frames)


def _whole_ms(seconds: float, what: str) -> int:
    if not math.isfinite(seconds):
        raise ProductError(f"the {what} is {seconds}: give a number of seconds")
    milliseconds = round(seconds * 1000)
    if abs(seconds * 1000 - milliseconds) > 0.01:
        raise ProductError(
            f"the {what}, {seconds!r} s, is not of whole milliseconds, as the photons' times are"
        )
    return milliseconds
