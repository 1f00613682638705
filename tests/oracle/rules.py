"""What the oracle does where the reference implementation has a known fault."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """Choices in the reduction; the defaults are gphoton-db's.

    Parameters
    ----------
    drop_last_photon : bool
        Lose the last photon of each leg (fault 1 of the reference).
    walk_needs_all_missing : bool
        Flag a photon at the walk step only if all eight corner values are missing, and mix the
        -999 into the others (fault 3).
    flag_separation_above : bool
        Flag photons whose stim separation lies above the distortion cube (fault 4); otherwise
        that is an error.
    clamp_separation : bool
        Use the nearest layer of the cube instead of an error (the mission's own way).
    single_precision : bool
        Round positions on the detector to float32, as the reference does.
    """

    drop_last_photon: bool = False
    walk_needs_all_missing: bool = False
    flag_separation_above: bool = False
    clamp_separation: bool = False
    single_precision: bool = False


OURS = Rules()
REFERENCE = Rules(
    drop_last_photon=True,
    walk_needs_all_missing=True,
    flag_separation_above=True,
    single_precision=True,
)
