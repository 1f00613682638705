"""Publishing into a folder: all or nothing is seen of a version, and nothing is copied twice."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError
from gphoton_db.remote.pointer import PLAIN_CATALOGUE, POINTER, Pointer
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.remote.conftest import PLACE
from tests.rangeserver import RangeServer

LISTED = (
    "SELECT path, size_bytes, sha256 FROM leg_files UNION ALL "
    "SELECT path, size_bytes, sha256 FROM segments"
)


def pointer_in(folder: Path) -> Pointer:
    return Pointer.from_json((folder / POINTER).read_bytes(), str(folder))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def change(root: Path, name: str = "events.csv") -> None:
    """Make another version of an archive, the cheapest there is: enter a file."""
    with Archive(root) as archive:
        archive.write_events(*PLACE, 5, path=root / name)


def n_products(folder: Path) -> int:
    """Return how many products a reader sees who comes now, with all that it needs for it."""
    with RangeServer(folder) as server, Archive(server.address) as archive:
        (row,) = archive.query(
            "SELECT (SELECT count(*) FROM products)::INTEGER AS n, count(*) AS photons FROM photons"
        ).rows()
        assert row["photons"] == sum(leg.n_photons for leg in archive.legs())
        return int(row["n"])


def test_all_that_the_catalogue_lists_is_there_and_nothing_else(
    published: Path, full: Archive
) -> None:
    rows = full.query(LISTED).rows()
    assert rows
    for row in rows:
        assert digest(published / row["path"]) == row["sha256"]
    pointer = pointer_in(published)
    assert digest(published / pointer.catalogue) == pointer.sha256
    assert digest(published / PLAIN_CATALOGUE) == pointer.sha256
    there = {p.relative_to(published).as_posix() for p in published.rglob("*") if p.is_file()}
    there -= {row["path"] for row in rows}
    there -= {pointer.catalogue, PLAIN_CATALOGUE, POINTER, ".gphoton-publish.lock"}
    assert {name.split("/")[0] for name in there} == {"calibration"}


def test_only_what_is_new_is_copied(cli: Cli, full_copy: Path, published_copy: Path) -> None:
    command = ("--archive", full_copy, "publish", published_copy, "--json")
    cli(*command)  # the copy says where it is, which the one that was published did not
    again = json.loads(cli(*command).out)
    assert (again["n_copied"], again["changed"]) == (0, False)
    change(full_copy)
    before = pointer_in(published_copy)
    planned = json.loads(cli(*command, "--dry-run").out)
    assert pointer_in(published_copy) == before
    done = json.loads(cli(*command).out)
    assert done["changed"]
    assert done["n_copied"] == planned["n_copied"] < 3
    assert (published_copy / before.catalogue).exists()  # for who reads that version
    pruned = json.loads(cli(*command, "--prune").out)
    assert pruned["n_pruned"] > 0
    assert not (published_copy / before.catalogue).exists()
    assert n_products(published_copy) == 1


def test_an_archive_of_its_own_is_not_replaced(full: Archive, full_copy: Path) -> None:
    before = digest(full_copy / PLAIN_CATALOGUE)
    with pytest.raises(ArchiveError, match="an archive of its own"):
        full.publish(full_copy, prune=True)
    assert digest(full_copy / PLAIN_CATALOGUE) == before
    assert not (full_copy / POINTER).exists()


def test_a_broken_pointer_is_an_error_until_it_is_published_again(
    full: Archive, published_copy: Path
) -> None:
    file = published_copy / POINTER
    right = json.loads(file.read_text())
    with RangeServer(published_copy) as server:
        for named in ({"sha256": "../../../../x"}, {"sha256": 5}, {"catalogue": 7}):
            file.write_text(json.dumps({**right, **named}))
            with pytest.raises(ArchiveError, match="does not say which"):
                Archive(server.address)
    file.write_bytes(b"")
    assert full.publish(published_copy).n_copied == 0
    assert n_products(published_copy) == 0


def test_files_that_are_not_ours_are_not_pruned(full: Archive, tmp_path: Path) -> None:
    target = tmp_path / "target"
    others = [
        target / name
        for name in (
            "gphoton-demo/gphoton.duckdb",
            "gphoton-notes.txt",
            "catalogue/index.html",
            "calibration/flat.fits",
        )
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not ours")
    early = target / "photons" / "others.parquet"
    early.parent.mkdir()
    early.write_text("here before anything was published")
    assert full.publish(target, prune=True).n_pruned == 0
    assert full.publish(target, prune=True).n_pruned == 1
    assert not early.exists()
    assert all(path.read_text() == "not ours" for path in others)


def test_a_damaged_file_is_not_published(full_copy: Path, tmp_path: Path) -> None:
    path = next(full_copy.glob("photons/**/*.parquet"))
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    target = tmp_path / "target"
    with Archive(full_copy) as archive, pytest.raises(ArchiveError, match="is not what") as error:
        archive.publish(target)
    assert str(path) in str(error.value)
    assert not (target / POINTER).exists()
    assert not (target / path.relative_to(full_copy)).exists()


def test_of_two_who_publish_at_a_time_one_wins(full_copy: Path, published_copy: Path) -> None:
    change(full_copy)
    other = Path(shutil.copytree(full_copy, full_copy.with_name("other")))
    change(other, "more.csv")

    def overtaken(stage: str, done: int, total: int) -> None:
        if done == total:
            with Archive(other) as archive:
                archive.publish(published_copy)

    with Archive(full_copy) as archive:
        with pytest.raises(ArchiveError, match="somebody else published there meanwhile"):
            archive.publish(published_copy, on_progress=overtaken)
        assert n_products(published_copy) == 2
        archive.publish(published_copy)
    assert n_products(published_copy) == 1


@pytest.mark.parametrize(
    "target", ["https://host/folder", "s3://", "ftp://host/folder", "inside", "itself"]
)
def test_targets_that_are_none_are_refused(target: str, full: Archive) -> None:
    root = full.paths.root
    places = {"inside": str(root / "published"), "itself": str(root)}
    with pytest.raises(
        ArchiveError, match=r"cannot be put|not from ftp|not an address|itself is there"
    ):
        full.publish(places.get(target, target))


def test_nothing_is_published_of_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "none") as archive, pytest.raises(ArchiveError, match="no archive"):
        archive.publish(tmp_path / "target")
