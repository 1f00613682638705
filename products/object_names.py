"""The position of a named object, as the name resolver of the CDS (Sesame) knows it."""

from gphoton_db.errors import OfflineError, ProductError


def position_of_object(name: str, *, offline: bool = False) -> tuple[float, float]:
    """Ask for the position of an object.

    astropy does the asking; which servers it asks is its own setting
    (``astropy.coordinates.name_resolve``).

    Parameters
    ----------
    name : str
        As Simbad, NED or VizieR know it: ``"AE Aqr"``, ``"M 31"``.
    offline : bool
        Whether the network must not be used.

    Returns
    -------
    ra, dec : float
        Deg (ICRS).

    Raises
    ------
    OfflineError
        If the network must not be used.
    ProductError
        If nobody knows the name, or nobody answers.
    """
    if not name.strip():
        raise ProductError("the object has no name: give one, such as 'AE Aqr'")
    if offline:
        raise OfflineError(
            f"the position of {name!r} cannot be asked for offline: give it as RA DEC"
        )
    from astropy.coordinates import SkyCoord
    from astropy.coordinates.name_resolve import NameResolveError

    try:
        found = SkyCoord.from_name(name.strip()).icrs
    except (NameResolveError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ProductError(
            f"no position of {name!r} ({reason}): check the name and the network, or give the "
            "position as RA DEC"
        ) from None
    return float(found.ra.deg), float(found.dec.deg)
