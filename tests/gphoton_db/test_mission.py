"""Bands, epochs, and the eclipses that are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.errors import GPhotonError, UnsupportedEclipseError
from gphoton_db.mission import DEAD_TIME, Band, Epoch, check_eclipse, epoch_of


@pytest.mark.parametrize("text", ["NUV", "nuv", " Nuv ", Band.NUV])
def test_bands_are_known_in_either_case(text: str) -> None:
    assert Band.parse(text) is Band.NUV


@pytest.mark.parametrize("text", ["", "XUV", "N", "1", "NUV FUV"])
def test_what_is_no_band_is_an_error(text: str) -> None:
    with pytest.raises(GPhotonError, match="it is NUV or FUV"):
        Band.parse(text)


def test_bands_have_letters_and_codes() -> None:
    assert [(band.letter, band.header_code) for band in (Band.NUV, Band.FUV)] == [
        ("n", 1),
        ("f", 2),
    ]


@pytest.mark.parametrize(
    ("eclipse", "epoch"),
    [
        (1, Epoch.PRE_CSP),
        (37423, Epoch.PRE_CSP),
        (37424, Epoch.BAD_ELECTRONICS),
        (38149, Epoch.BAD_ELECTRONICS),
        (38150, Epoch.POST_CSP),
        (47000, Epoch.POST_CSP),
        (47001, Epoch.CAUSE),
    ],
)
def test_epochs_begin_and_end_where_the_mission_says(eclipse: int, epoch: Epoch) -> None:
    assert epoch_of(eclipse) is epoch
    assert epoch.after_csp == (eclipse > 37423)


@given(st.integers(1, 60000))
def test_eclipses_are_refused_in_two_epochs_only(eclipse: int) -> None:
    assert check_eclipse(eclipse, override_limits=True) is epoch_of(eclipse)
    if 37424 <= eclipse <= 38149 or eclipse > 47000:
        with pytest.raises(UnsupportedEclipseError, match=f"eclipse {eclipse} .*override"):
            check_eclipse(eclipse)
    else:
        assert check_eclipse(eclipse) is epoch_of(eclipse)


@pytest.mark.parametrize("eclipse", [0, -1])
def test_eclipse_numbers_start_at_one(eclipse: int) -> None:
    with pytest.raises(UnsupportedEclipseError, match=f"not {eclipse}"):
        check_eclipse(eclipse, override_limits=True)


@pytest.mark.parametrize("band", Band)
@given(open_s=st.floats(0.001, 2000), photons=st.integers(0, 10**8))
def test_live_seconds_are_linear_in_photons(band: Band, open_s: float, photons: int) -> None:
    model = DEAD_TIME[band]
    expected = open_s + photons * model.seconds_per_photon
    assert model.live_seconds(open_s, photons) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert model.live_seconds(open_s, 0) == pytest.approx(open_s, rel=1e-15)
