"""Which target a user names: a folder or a bucket."""

from pathlib import Path

from gphoton_db.errors import ArchiveError
from gphoton_db.publish.targets import Target
from gphoton_db.remote.address import address_of, is_address
from gphoton_db.remote.mounting import require_cloud


def target_of(place: str | Path, archive: Path) -> Target:
    """Return the target that a user names.

    Raises
    ------
    ArchiveError
        If it is neither a folder nor a bucket, or in the archive itself.
    """
    if is_address(place):
        address = address_of(place)
        if not address.startswith("s3://"):
            raise ArchiveError(
                f"{address}: files cannot be put to a web server: publish into the folder that it "
                "serves, or a bucket (s3://bucket/folder)"
            )
        require_cloud("boto3")
        from gphoton_db.publish.bucket import Bucket

        return Bucket(address)
    from gphoton_db.publish.folder import Folder

    folder = Path(place).expanduser().resolve()
    if folder == archive or archive in folder.parents or folder in archive.parents:
        raise ArchiveError(f"{folder}: the archive itself is there: publish into another folder")
    return Folder(folder)
