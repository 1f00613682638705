"""Processes that are killed between the move of a product and the commit that enters it."""

import hashlib
import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.noted import NotedProduct
from gphoton_db.catalogue.records import ProductRecord
from gphoton_db.catalogue.staged import StagedProducts
from gphoton_db.catalogue.superseded import now
from gphoton_db.errors import ArchiveError
from gphoton_db.intake.verify.archive import verify
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.registry import entered
from tests.examples import deep
from tests.gphoton_db.archives import ROOT, run_program
from tests.gphoton_db.dying import Death
from tests.products.conftest import FIELDS
from tests.shared import own_copy

OUTPUT = "products/made"
EARLIER = b"of an earlier product"

_POSITION = [str(value) for value in FIELDS["ordinary"]]
_LEG = ["23500", "NUV"]

TELLING = ("image", "photometry", "find")
"""A file of pixels, files and tables, and what writes no leg's product: the others are written as
one of these is."""

_OF_ALL = {
    "image": ("i.fits", ["image", *_LEG, "--pixel", "6"]),
    "movie": ("m.fits", ["movie", *_LEG, "--depth", "20", "--pixel", "6"]),
    "exposure": ("x.csv", ["exposure", *_LEG]),
    "photometry": (
        "e23500-nd-ffull-b00-image-photom-12_8-one.csv",
        ["photometry", *_LEG, "--radius", "12.8", "--catalog", "one.csv"],
    ),
    "map": ("sky.fits", ["map", *_POSITION, "--size", "3", "--band", "NUV"]),
    "lightcurve": ("l.csv", ["lightcurve", *_POSITION, "--band", "NUV"]),
    "events": ("p.csv", ["events", *_POSITION, "--band", "NUV"]),
    "mask": ("d.fits", ["mask", "NUV", "23500"]),
    "find": ("f.ecsv", ["find", *_POSITION]),
}
"""A command for each kind of product, and the file that it writes."""

COMMANDS = {kind: each for kind, each in _OF_ALL.items() if deep() or kind in TELLING}

MOMENT = ("gphoton_db.catalogue.product_notes.move_durably", "after")


def product(path: str, content: bytes = EARLIER) -> ProductRecord:
    digest = hashlib.sha256(content).hexdigest()
    return ProductRecord(
        path, "earlier", 23500, "NUV", 0, "{}", None, "0", now(), len(content), digest
    )


def with_earlier(root: Path, *names: str) -> Path:
    """Enter an earlier product of each name into an archive."""
    folder = root / OUTPUT
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(EARLIER)
    Catalogue(ArchivePaths(root)).add_products([product(f"{OUTPUT}/{name}") for name in names])
    return root


@pytest.fixture(scope="module")
def earlier_root(products_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with an earlier product of each name that tests make again; not to be changed."""
    folder = tmp_path_factory.mktemp("earlier")
    root = Path(shutil.copytree(products_root, folder / "archive"))
    return with_earlier(root, "p", "c.parquet", "c.csv", *(name for name, _ in COMMANDS.values()))


@pytest.fixture
def root(earlier_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, earlier_root)


@pytest.fixture(scope="module")
def killed(earlier_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Archives in which a product had got its place, and its process was killed."""
    folder, deaths, roots = tmp_path_factory.mktemp("killed"), [], {}
    one = folder / "one.csv"
    one.write_text(f"ra,dec\n{','.join(_POSITION)}\n")
    for kind, (name, words) in COMMANDS.items():
        roots[kind] = Path(shutil.copytree(earlier_root, folder / kind))
        Archive(roots[kind]).close()  # gets used to its place
        place = roots[kind] / OUTPUT / ("" if kind == "photometry" else name)
        words = [str(one) if word == one.name else word for word in words]
        arguments = ["--archive", str(roots[kind]), *words, "--output", str(place)]
        deaths.append(Death(arguments, *MOMENT))
    done = run_program(
        [],
        module="tests.products.dying",
        folder=ROOT,
        text=json.dumps([each.to_json() for each in deaths]),
    )
    assert json.loads(done.stdout) == [signal.SIGKILL] * len(deaths), done.stderr
    return roots


def listed(root: Path, name: str) -> tuple[str, str]:
    """Return kind and hash of a product as the catalogue has it, which is not opened."""
    with Catalogue(ArchivePaths(root)).reader() as connection:
        ((kind, digest),) = connection.execute(
            f"SELECT kind, sha256 FROM products WHERE path = '{OUTPUT}/{name}'"
        ).fetchall()
    return kind, digest


@pytest.mark.parametrize("kind", COMMANDS)
def test_a_product_that_got_its_place_is_entered_by_whoever_comes_next(
    kind: str, killed: dict[str, Path]
) -> None:
    root, (name, _) = killed[kind], COMMANDS[kind]
    in_place = hashlib.sha256((root / OUTPUT / name).read_bytes()).hexdigest()
    assert in_place != listed(root, name)[1]
    # What cannot write sees nothing wrong.
    assert not verify(ArchivePaths(root), deep=True).faults
    Archive(root).close()
    assert listed(root, name) == (kind, in_place)
    assert not list((root / "staging").iterdir())
    assert not verify(ArchivePaths(root), deep=True).faults


def test_any_commit_enters_it(root: Path) -> None:
    catalogue = Catalogue(ArchivePaths(root))
    new = replace(product(f"{OUTPUT}/p", b"new"), kind="new")
    leave_note(catalogue, new, b"new")
    catalogue.add_products([product(f"{OUTPUT}/q")])
    assert listed(root, "p") == ("new", new.sha256)


def test_a_product_that_did_not_get_its_place_is_forgotten(root: Path) -> None:
    catalogue = Catalogue(ArchivePaths(root))
    leave_note(catalogue, product(f"{OUTPUT}/p", b"new"), b"and then another")
    before = listed(root, "p")
    Archive(root).close()
    assert listed(root, "p") == before
    assert not list((root / "staging").iterdir())


NO_NOTES = (
    "{",
    "[]",
    "{}",
    '{"path": 1}',
    '{"path": "../victim", "made_at": "2026-01-01"}',
    "\0\n\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "[" * 200_000,
)


def test_what_is_no_note_harms_nothing(copied: Path) -> None:
    (copied / "staging").mkdir(exist_ok=True)
    for number, line in enumerate(NO_NOTES):
        (copied / "staging" / f"made-{number}.jsonl").write_text(f"{line}\n")
    with Archive(copied) as archive:
        assert archive.verify().faults == ()
    assert not list((copied / "staging").iterdir())


def test_a_note_of_a_file_elsewhere_enters_no_other_file(copied: Path) -> None:
    beside = copied.parent / "victim"
    beside.write_bytes(b"victim")
    catalogue = Catalogue(ArchivePaths(copied))
    note = catalogue.product_note()
    victim = product(str(beside), b"victim")
    lines = [product("../victim", b"victim"), victim, replace(product("x"), parameters="{")]
    note.write([NotedProduct(each) for each in lines])
    note.write([NotedProduct(victim, (1, 6, 1))])
    note.release()
    with Archive(copied) as archive:
        assert list(archive.query("SELECT path FROM products").rows()) == []
    assert beside.read_bytes() == b"victim"


def test_the_note_of_a_process_that_goes_on_is_left_to_it(root: Path) -> None:
    catalogue = Catalogue(ArchivePaths(root))
    with entered(catalogue, kind="new", parameters={}) as move:
        (root / "content").write_bytes(b"new")
        move(root / "content", root / OUTPUT / "p")
        assert len(list((root / "staging").iterdir())) == 1
        Archive(root).close()
        assert not verify(ArchivePaths(root), deep=True).faults
        assert listed(root, "p")[0] == "earlier"
    assert listed(root, "p")[0] == "new"
    assert not list((root / "staging").iterdir())


def test_of_two_that_make_the_same_the_later_file_is_entered(root: Path) -> None:
    with entered(Catalogue(ArchivePaths(root)), kind="first", parameters={}) as move:
        (root / "content").write_bytes(b"first")
        move(root / "content", root / OUTPUT / "p")
        with entered(Catalogue(ArchivePaths(root)), kind="second", parameters={}) as other:
            (root / "content").write_bytes(b"second")
            other(root / "content", root / OUTPUT / "p")
    assert listed(root, "p")[0] == "second"
    assert not verify(ArchivePaths(root), deep=True).faults


def test_what_was_moved_before_a_write_failed_is_entered(root: Path) -> None:

    def write_two() -> None:
        with entered(Catalogue(ArchivePaths(root)), kind="new", parameters={}) as move:
            (root / "content").write_bytes(b"new")
            move(root / "content", root / OUTPUT / "p")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk"):
        write_two()
    assert listed(root, "p")[0] == "new"


@pytest.mark.parametrize("name", ["c.parquet", pytest.param("c.csv", marks=pytest.mark.deep)])
def test_catalogue_entries_whose_commit_failed_are_entered_later(
    name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = pa.table({"source_id": [1], "eclipse": [23500], "leg": [0]})
    with Archive(root) as archive, monkeypatch.context() as patch:
        patch.setattr(Catalogue, "add_products", _fail)
        archive.write_catalogue(entries, root / OUTPUT / name)
    assert listed(root, name)[0] == "earlier"
    Archive(root).close()
    assert listed(root, name)[0] == "catalogue"


def test_products_of_many_whose_commit_failed_are_entered_later(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue(ArchivePaths(root))
    new = replace(product(f"{OUTPUT}/p", b"new"), kind="new")
    staged = tmp_path / "staged"
    (staged / OUTPUT).mkdir(parents=True)
    (staged / OUTPUT / "p").write_bytes(b"new")
    with monkeypatch.context() as patch:
        patch.setattr("gphoton_db.catalogue.finish.define_views", _fail)
        with pytest.raises(ArchiveError, match="no more room"):
            catalogue.commit((), (), [StagedProducts((new,), (), staged)])
    assert listed(root, "p")[0] == "earlier"
    Archive(root).close()
    assert listed(root, "p")[0] == "new"


def _fail(*arguments: object) -> None:
    raise ArchiveError("no more room")


def leave_note(catalogue: Catalogue, record: ProductRecord, content: bytes) -> None:
    """Do what a process has done that is killed before it can commit."""
    note = catalogue.product_note()
    note.write([NotedProduct(record)])
    (catalogue.paths.root / record.path).write_bytes(content)
    note.release()
