"""The numbers of docs/specification.md, typed a second time.

`gphoton_db.mission` holds the same numbers; that the two agree is a test of both.
"""

ARCSEC_PER_MICRON = 0.068754932
LAST_PRE_CSP_ECLIPSE = 37423
FIRST_RECOVERED_ECLIPSE = 38150

# spec-clocks: xclk, yclk, xcen, ycen, xscl, yscl, xslp, yslp.
CENTRE_SCALE = {
    "FUV": (1997, 1993, 7200, 6670, 7.78, 10.73, 0, 0),
    "NUV": (2007, 1992, 7400, 6070, 8.79, 14.01, 0.53, 0),
    "NUV recovered": (2007, 2016, 7400, 6070, 8.79, 14.01, 0.53, 0),
}

# spec-stims: x1..x4, y1..y4, arcsec.
STIMS = {
    "FUV": ((-2541.88, 2632.06, -2541.53, 2631.68), (2455.28, 2455.02, -2550.89, -2550.92)),
    "NUV": ((-2722.27, 2468.84, -2721.87, 2469.85), (2453.89, 2453.78, -2565.81, -2567.83)),
    "NUV recovered": (
        (-2722.53, 2470.29, -2721.98, 2471.09),
        (2549.96, 2550.10, -2538.57, -2538.62),
    ),
}
STIM_GROUP = 1000
POST_CSP_SEPARATION = (5105.48, 0.0)

# spec-response: k0, k1, k2 against GALEX seconds.
RESPONSE = {
    "NUV": (1.9946352, -1.9679445e-9, 9.3025231e-19),
    "FUV": (1.2420282, -2.8843099e-10, 0.0),
}
RESPONSE_STEP_TIME, RESPONSE_STEP = 881881215.995, 1.018

# spec-exposure: slope and intercept of the stim rate against the global count rate.
DEAD_TIME = {
    "NUV": (-0.000434730599193, 77.217817988),
    "FUV": (-0.000408075976406, 76.3000943221),
}


def epoch_key(band: str, eclipse: int) -> str:
    """Return the key of `CENTRE_SCALE` and `STIMS` for a band at an eclipse."""
    recovered = band == "NUV" and eclipse >= FIRST_RECOVERED_ECLIPSE
    return "NUV recovered" if recovered else band


def stim_margin(eclipse: int) -> float:
    """Return the half-width of the boxes in which stim events are looked for, arcsec."""
    return 20.0 if eclipse <= LAST_PRE_CSP_ECLIPSE else 90.001
