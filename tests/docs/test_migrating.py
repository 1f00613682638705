"""docs/migrating.md: every option and column of the predecessors has a home that exists."""

import re
from pathlib import Path

import pytest
import typer

from gphoton_db.cli.app import app

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "migrating.md").read_text("utf-8")

PIPELINE_OPTIONS = """
    eclipse band depth threads local_root remote_root download recreate verbose source_catalog_file
    write aperture_sizes lil coregister_lightcurves stop_after compression hdu_constructor_kwargs
    min_exptime photometry_only burst chunksz share_memory extended_photonlist extended_flagging
    aspect aspect_dir override_eclipse_limits suffix ftype single_leg photonlist_cols coverage_map
"""
"""Of execute_pipeline of gPhoton 2."""

TOOL_OPTIONS = """
    --ra --dec --skypos --band --t0 --t1 --trange --step --coadd --maxgap --minexp --detsize
    --retries --calpath --overwrite --suggest --skyrange --alt --gaper --total --exponly --quiet
    --aperture --mcataper --apercode --inner --outer --annulus --csvfile --photoncsvfile --stamp
    --addhdr --iocode --bgmaskdepth --bgmaskradius --minimal_output --angle --raangle --decangle
    --count --intensity --count_coadd --intensity_coadd --memlight --raw6 --eclipse --aspect --scst
    --outbase --ssd --nullout
"""
"""Of the tools of gPhoton 1."""

LIGHT_CURVE_COLUMNS = """
    t0 t1 t_mean t0_data t1_data cps cps_err cps_bgsub cps_bgsub_err flux flux_err flux_bgsub
    flux_bgsub_err mag mag_err_1 mag_err_2 mag_bgsub mag_bgsub_err_1 mag_bgsub_err_2 counts
    flat_counts bg_counts bg_flat_counts bg exptime responses detxs detys detrad racent deccent
    flags q_mean mcat_bg
"""
"""Of a light curve of gPhoton 1."""

PHOTOMETRY_COLUMNS = """
    ra dec xcentroid ycentroid xcenter ycenter area segment_flux elongation eccentricity
    equivalent_radius orientation max_value min_value threshold_multiplier threshold_minimum
    extended_source aperture_sum artifact_flag exptime aperture_sum_0 artifact_flag_0 expt_0 t0_0
    t1_0 stdcolrow_aperture_sum q_aperture_sum ya_aperture_sum
"""
"""Of a wide table of photometry of gPhoton 2."""

ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in TEXT.splitlines()
    if line.startswith("|")
]
OLD = " ".join(row[0] for row in ROWS)
NEW = " ".join(cell for row in ROWS for cell in row[1:])


def options() -> dict[str, set[str]]:
    """Return the options of each command."""
    group = typer.main.get_command(app)
    return {
        name: {text for each in command.params for text in each.opts}
        for name, command in getattr(group, "commands", {}).items()
    }


@pytest.mark.parametrize(
    "name",
    f"{PIPELINE_OPTIONS} {TOOL_OPTIONS} {LIGHT_CURVE_COLUMNS} {PHOTOMETRY_COLUMNS}".split(),
)
def test_every_old_option_and_column_has_a_row(name: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", OLD)


@pytest.mark.parametrize("option", sorted({o for o in options()["run"] if len(o) > 2}))
def test_every_option_of_run_is_there(option: str) -> None:
    assert option in TEXT


@pytest.mark.parametrize("option", sorted(set(re.findall(r"--[a-z][\w-]+", NEW))))
def test_every_new_option_exists(option: str) -> None:
    known = {"--archive"}.union(*options().values())
    assert option in known


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`gphoton-db ([a-z]+)", TEXT))))
def test_every_command_exists(command: str) -> None:
    assert command in options()
