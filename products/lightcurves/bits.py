"""Bits of the flags and warnings of light curves, without what sets them."""

from enum import IntFlag


class LightCurveFlag(IntFlag):
    """Bits of ``flags``, those of the predecessor: most are set by any photon of the bin."""

    HOTSPOT = 1
    EDGE = 2
    SHORT = 4
    RESPONSE = 8
    """A photon with a response below 0.7."""
    NONLINEAR = 16
    OFF_AXIS = 32
    """A photon more than 0.5 deg from the detector's centre."""
    ANNULUS_HOTSPOT = 64
    ANNULUS_EDGE = 128


class LightCurveWarning(IntFlag):
    """Bits of ``warnings``: signs that a change is the instrument's, and not the source's."""

    DITHER = 1
    """The rate of this leg goes with the place on the detector, which the dither changes."""
    NONLINEAR = 2
    """So bright that the detector loses 10 % or more of it (within one error)."""
    LOW_PULSE_HEIGHT = 4
    """Mean q below 8."""
    PARTLY_COVERED = 8
    """The position left the detector's field during the bin: too few counts for the exposure."""
    ANNULUS_CROWDED = 16
    """Known sources cover more than half of the annulus."""
    MEAN_RESPONSE = 32
    """Mean response below 0.7."""
    MEAN_OFF_AXIS = 64
    """The photons are more than 0.5 deg from the detector's centre in the mean."""
    RAMP_UP = 128
    """Of the first three bins of a leg of FUV while its high voltage still rose (`ramp_up`)."""
    CORRECTED = 256
    """The rate is corrected for the detector's non-linearity, as was asked for."""
    SATURATED = 512
    """Brighter than what can be corrected: there is no rate."""
