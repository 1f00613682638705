"""The documents keep up with the program."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from gphoton_db._version import __version__
from gphoton_db.cli.app import app
from gphoton_db.cli.reference import reference
from gphoton_db.mission import Band
from gphoton_db.schemas import PHOTONS
from gphoton_db.simulate.light_curves import Dimming, Flare, Sinusoid, Tabulated
from gphoton_db.simulate.plan import Detector, LegPlan, Spiral
from gphoton_db.simulate.scene import Galaxy, Ghost, Hotspot, Origin, Source
from gphoton_db.simulate.scene_file import read_scene
from gphoton_db.simulate.star_field import StarField
from gphoton_db.simulate.visit import simulate_visit
from tests.demonstration import Demonstration

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEMO = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
SIMULATOR = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
ARCHIVE = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    group = typer.main.get_command(app)
    return sorted(getattr(group, "commands", {}))


MADE = "cli.md"
"""The page that the code makes."""

TREES = re.DOTALL | re.MULTILINE
PAGES = {
    str(path.relative_to(ROOT / "docs")): path.read_text("utf-8")
    for path in sorted((ROOT / "docs").rglob("*.md"))
}


@pytest.mark.parametrize("command", commands())
def test_every_command_is_shown_in_a_page_that_somebody_wrote(command: str) -> None:
    written = [text for name, text in PAGES.items() if name != MADE]
    assert any(re.search(rf"gphoton-db(?: --archive \S+)? {command}\b", text) for text in written)


def test_the_reference_of_the_commands_is_that_of_the_program() -> None:
    assert PAGES["cli.md"] == reference(), "run python -m gphoton_db.cli.reference docs/cli.md"


@pytest.mark.parametrize("column", PHOTONS.names)
def test_every_stored_column_is_described(column: str) -> None:
    assert column in ARCHIVE


def test_every_folder_is_described() -> None:
    for folder in ("gphoton_db", "ingest", "aspect", "products", "sql", "tests", "benchmarks"):
        assert f"`{folder}/`" in PAGES["development.md"]


def test_the_picture_of_the_architecture_has_every_layer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    layers = {name for layer in contract["layers"] for name in layer.split(" | ")}
    picture = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    drawn = {name for text in re.findall(r">([^<]+)</text>", picture) for name in text.split(", ")}
    assert {name for name in layers if not name.startswith("_")} - {"sql"} <= drawn


def test_every_document_is_in_the_toctree_of_the_site() -> None:
    trees = "\n".join(re.findall(r"^```\{toctree\}\n(.*?)^```$", "\n".join(PAGES.values()), TREES))
    listed = {f"{name}.md" for name in re.findall(r"^[\w/-]+$", trees, re.MULTILINE)}
    orphans = {name for name, text in PAGES.items() if "orphan: true" in text}
    assert set(PAGES) - {"index.md"} == listed | orphans


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert README.count("\n") <= 110
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert len(links) > 20
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    dated = re.search(rf"^## {re.escape(__version__)} \((\S+)\)$", changes, re.MULTILINE)
    assert dated is not None
    assert f"\nversion: {__version__}\ndate-released: {dated[1]}\n" in citation


def block(document: str, language: str, number: int = 0) -> str:
    """Return a block of code of a document."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    return str(blocks[number])


@pytest.fixture(scope="module")
def documented_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scene file that the document shows, with its table, which is shown in part."""
    folder = tmp_path_factory.mktemp("scene")
    start = block(SIMULATOR, "csv").splitlines()
    rows = [f"{k / 10}, {-k / 10}" for k in range(len(start) - 1, 41)]
    (folder / "dither.csv").write_text("\n".join([*start, *rows]) + "\n")
    (folder / "my-scene.toml").write_text(block(SIMULATOR, "toml"), encoding="utf-8")
    return folder / "my-scene.toml"


def test_the_documented_scene_can_be_simulated(
    documented_scene: Path, synthetic_calibration: Path, tmp_path: Path
) -> None:
    plan = read_scene(documented_scene)
    for band in Band:
        visit = simulate_visit(
            tmp_path,
            calibration=synthetic_calibration,
            band=band,
            eclipse=40000 if band is Band.NUV else 23456,
            legs=plan.legs,
            scene=plan.scene,
            detector=plan.detector,
        )
        origins = set(visit.truth.origin.tolist())
        assert {0, 1, len(plan.scene.sources), *Origin} <= origins


def test_the_documented_scene_shows_every_key_that_a_user_needs(documented_scene: Path) -> None:
    shown = documented_scene.read_text("utf-8")
    for model in (
        *(LegPlan, Spiral, Source, StarField, Galaxy, Hotspot, Ghost),
        *(Flare, Sinusoid, Dimming, Tabulated),
    ):
        for field in fields(model):
            assert re.search(rf"\b{field.name} = ", shown), f"{model.__name__}.{field.name}"
    for field in fields(Detector):
        assert f"{field.name} = " in shown or f"`{field.name}`" in SIMULATOR


def test_the_demonstration_in_the_page_is_what_the_program_shows(
    demonstration: Demonstration,
) -> None:
    session = next(text for text in CONSOLE.findall(DEMO) if "gphoton-db demo" in text)
    documented = session.removeprefix("$ gphoton-db demo\n")
    shown = demonstration.shown
    assert words(shown) == words(documented)
    # Processors round differently: a photon at the rim may fall on its other side.
    assert numbers(shown) == pytest.approx(numbers(documented), rel=0.01, abs=0.5)


CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MEASURED = re.compile(
    r"[\d.,]+ s, [\d,]+ events/s|\S*/photons/|(?<=synthetic-)\w{8}|[\u2580-\u259f]"
)
"""What differs from run to run, or from folder to folder; and the bars of a chart."""

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def words(text: str) -> list[str]:
    """Return a session without its numbers."""
    return re.findall(r"[\w$#./=-]+", NUMBER.sub("#", MEASURED.sub("", text)))


def numbers(text: str) -> list[float]:
    return [float(each.replace(",", "")) for each in NUMBER.findall(MEASURED.sub("", text))]


def test_no_page_has_the_name_of_one_that_sphinx_makes() -> None:
    """Sphinx writes its own in the place of ours, and says nothing."""
    made = {"search", "genindex", "modindex", "py-modindex"}
    names = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert made & names == set()
