"""The oracle's numbers and the program's, typed from one page by two hands."""

import pytest

from gphoton_db import mission
from gphoton_db.mission import Band
from tests.oracle import constants

ECLIPSES = (1, 37423, 37424, 38149, 38150, 47000)


def test_plate_scale_and_epochs_agree() -> None:
    assert mission.ARCSEC_PER_MICRON == constants.ARCSEC_PER_MICRON
    assert mission.LAST_PRE_CSP_ECLIPSE == constants.LAST_PRE_CSP_ECLIPSE
    assert mission.FIRST_RECOVERED_ECLIPSE == constants.FIRST_RECOVERED_ECLIPSE
    assert mission.POST_CSP_SEPARATION == constants.POST_CSP_SEPARATION


@pytest.mark.parametrize("eclipse", ECLIPSES)
@pytest.mark.parametrize("band", list(Band))
def test_detector_constants_agree(band: Band, eclipse: int) -> None:
    key = constants.epoch_key(band.value, eclipse)
    stims = mission.stim_positions(band, eclipse)
    assert tuple(mission.centre_scale(band, eclipse)) == constants.CENTRE_SCALE[key]
    assert (stims.x, stims.y) == constants.STIMS[key]
    assert stims.margin == constants.stim_margin(eclipse)


@pytest.mark.parametrize("band", list(Band))
def test_response_and_dead_time_agree(band: Band) -> None:
    step = (constants.RESPONSE_STEP_TIME, constants.RESPONSE_STEP)
    assert mission.RESPONSE_SCALE[band] == (*constants.RESPONSE[band.value], *step)
    assert mission.DEAD_TIME[band] == constants.DEAD_TIME[band.value]
