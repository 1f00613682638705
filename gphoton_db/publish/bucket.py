"""Publishing into a bucket."""

import tempfile
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from gphoton_db.publish.contents import ListedFile, content_of
from gphoton_db.publish.targets import Stored
from gphoton_db.remote.bucket import asked, bucket_and_prefix, client_of, code_of
from gphoton_db.remote.parts import MissingFileError
from gphoton_db.remote.pointer import POINTER

_OTHER_FIRST = frozenset(("PreconditionFailed", "ConditionalRequestConflict", "412", "409"))
"""What a server says if the pointer is another one than was expected."""

_IN_MEMORY = 64 * 2**20
_REMOVED_AT_ONCE = 1000


class Bucket:
    """A folder of a bucket.

    Parameters
    ----------
    address : str
        ``s3://bucket/folder``.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._bucket, self._prefix = bucket_and_prefix(address)
        self._client = client_of()

    def __str__(self) -> str:
        return self._address

    def sizes(self) -> Mapping[str, int]:
        """Return name and size of all files that are there."""

        def ask() -> dict[str, int]:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            return {
                each["Key"].removeprefix(self._prefix): each["Size"]
                for page in pages
                for each in page.get("Contents", ())
            }

        return asked(ask, self._address)

    def put(self, file: ListedFile) -> None:
        """Put a file, whose content is compared with its hash before it is sent."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            for block in content_of(file):
                copy.write(block)

            def ask() -> None:
                copy.seek(0)
                self._put(file.name, copy, **_checksum(file.sha256))

            asked(ask, f"{self._address}/{file.name}")

    def put_content(self, name: str, content: bytes) -> None:
        """Put a file of this content."""
        asked(lambda: self._put(name, content), f"{self._address}/{name}")

    def pointer(self) -> Stored:
        """Return the pointer as it is now."""

        def ask() -> Stored:
            answer = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}{POINTER}")
            return Stored(answer["Body"].read(), answer["ETag"])

        try:
            return asked(ask, f"{self._address}/{POINTER}")
        except MissingFileError:
            return Stored(None, None)

    def swap_pointer(self, content: bytes, before: Stored) -> bool:
        """Put a pointer in the place of another one, if that is still there; return whether."""
        condition = {"IfNoneMatch": "*"} if before.token is None else {"IfMatch": before.token}

        def ask() -> bool:
            try:
                self._put(POINTER, content, **condition)
            except ClientError as error:
                if code_of(error) in _OTHER_FIRST:
                    # Ours may have been put by an attempt whose answer was lost.
                    return self.pointer().content == content
                raise
            return True

        return asked(ask, f"{self._address}/{POINTER}")

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        keys = [{"Key": f"{self._prefix}{name}"} for name in names]
        for first in range(0, len(keys), _REMOVED_AT_ONCE):
            listed = {"Objects": keys[first : first + _REMOVED_AT_ONCE], "Quiet": True}
            ask = partial(self._client.delete_objects, Bucket=self._bucket, Delete=listed)
            asked(ask, self._address)

    def _put(self, name: str, content: Any, **more: Any) -> None:
        key = f"{self._prefix}{name}"
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content, **more)


def _checksum(sha256: str | None) -> dict[str, str]:
    """Return what makes the server compare what came with a hash."""
    if sha256 is None:
        return {}
    return {"ChecksumSHA256": b64encode(bytes.fromhex(sha256)).decode()}
