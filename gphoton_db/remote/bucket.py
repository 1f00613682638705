"""Files in a bucket: S3, and what speaks its language (``AWS_ENDPOINT_URL``)."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from gphoton_db.errors import ArchiveError
from gphoton_db.remote.parts import (
    BrokenAnswerError,
    Part,
    checked_part,
    missing_file,
    refused,
    repeated,
)

Answer = TypeVar("Answer")

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_MISSING = frozenset(("NoSuchKey", "404", "NotFound"))
_NO_BUCKET = frozenset(("NoSuchBucket",))
_SERVER_ERRORS, _BUSY = 500, (408, 429)
_REGION = "us-east-1"
"""Where none is named: servers other than Amazon's have one only."""


class BucketSource:
    """The files below an address in a bucket.

    Parameters
    ----------
    address : str
        ``s3://bucket/folder``.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.bucket, self.prefix = bucket_and_prefix(address)
        self._client = client_of()

    def part(self, name: str, start: int, length: int) -> Part:
        """Return bytes of a file; see `Source`."""
        wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{start + length - 1}"

        def ask() -> Part:
            answer, content = self._get(name, Range=wanted)
            found = _RANGE.fullmatch(answer.get("ContentRange", ""))
            if not found:
                raise ArchiveError(
                    f"{self.address}/{name}: the server sends whole files, where parts are asked "
                    "for (Range): archives cannot be read from it"
                )
            return checked_part(Part(content, int(found[1]), int(found[3])), start, length)

        return asked(ask, f"{self.address}/{name}")

    def whole(self, name: str) -> bytes:
        """Return a whole file."""
        return asked(lambda: self._get(name)[1], f"{self.address}/{name}")

    def _get(self, name: str, **more: str) -> tuple[dict[str, Any], bytes]:
        answer = self._client.get_object(Bucket=self.bucket, Key=f"{self.prefix}{name}", **more)
        content: bytes = answer["Body"].read()
        if len(content) != answer["ContentLength"]:
            stated = answer["ContentLength"]
            raise BrokenAnswerError(f"{len(content):,} of {stated:,} bytes came")
        return answer, content


def bucket_and_prefix(address: str) -> tuple[str, str]:
    """Return the bucket of an address, and what the names of its files begin with."""
    bucket, _, folder = address.removeprefix("s3://").partition("/")
    return bucket, f"{folder}/" if folder else ""


def client_of() -> Any:
    """Return what asks a bucket: with the credentials of the environment, or without any."""
    # Repetitions are ours, as they are for web servers.
    settings: dict[str, Any] = {
        "retries": {"total_max_attempts": 1},
        "connect_timeout": 15,
        "read_timeout": 60,
    }
    try:
        session = boto3.Session()  # reads ~/.aws: an unknown profile is an error here
        if session.get_credentials() is None:
            settings["signature_version"] = UNSIGNED
        return session.client(
            "s3", region_name=session.region_name or _REGION, config=Config(**settings)
        )
    except (BotoCoreError, ValueError) as error:
        raise ArchiveError(
            f"the settings for buckets (AWS_..., ~/.aws) cannot be used: {error}"
        ) from None


def asked(ask: Callable[[], Answer], address: str) -> Answer:
    """Ask a bucket, again where the next answer may be better.

    Raises
    ------
    ArchiveError
        If it refuses, does not have what is asked for, or gives no usable answer in the end.
    """

    def once() -> Answer:
        try:
            return ask()
        except ClientError as error:
            raise _broken(error, address) from None
        except ParamValidationError as error:
            # Before anything is asked: of a bucket's name that none can have, say.
            raise ArchiveError(f"{address}: {_reason(error)}: look at its name") from None
        except BotoCoreError as error:
            raise BrokenAnswerError(f"{type(error).__name__} ({error})") from None

    return repeated(once, address)


def _reason(error: ParamValidationError) -> str:
    """Return in one line what cannot be asked for."""
    return " ".join(str(error).removeprefix("Parameter validation failed:").split())


def code_of(error: ClientError) -> str:
    """Return the word that a server has for an error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _broken(error: ClientError, address: str) -> BrokenAnswerError:
    """Return what is wrong with an answer, if the next one may be better.

    Raises
    ------
    ArchiveError
        If it will be the same.
    """
    code = code_of(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"{status} {code}"
    if code in _NO_BUCKET:
        raise ArchiveError(f"{address}: there is no such bucket ({said}): look at its name")
    if code in _MISSING:
        raise missing_file(address) from None
    if status >= _SERVER_ERRORS or status in _BUSY:
        return BrokenAnswerError(f"the server answered {said}")
    raise refused(address, said) from None
