"""Why a request gets no answer, as HTTP says it."""

from collections.abc import Mapping
from typing import Any

from gphoton_db.errors import ArchiveError, GPhotonError, NoCoverageError, ServiceError

BAD_REQUEST, FORBIDDEN, NOT_FOUND, WRONG_METHOD, CONFLICT = 400, 403, 404, 405, 409
TOO_LONG, TOO_MANY = 413, 429


class RequestError(GPhotonError):
    """A request that is not answered.

    Parameters
    ----------
    reason : str
        What is wrong with it, for the person who looks at the page.
    status : int
        Of HTTP.
    details : mapping, optional
        What else the answer has.
    """

    def __init__(
        self, reason: str, status: int = BAD_REQUEST, details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(reason)
        self.status, self.details = status, dict(details or {})


def status_of(error: GPhotonError) -> int:
    """Return the status of HTTP for an error: one of those that are the client's."""
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, NoCoverageError):
        return NOT_FOUND
    return CONFLICT if isinstance(error, ArchiveError | ServiceError) else BAD_REQUEST
