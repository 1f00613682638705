"""Columns of the archive's Parquet files, stated once: what writes and what reads follows these.

The names of a file's folders say of which leg it is; those columns (`LEG`) are not in the file.
"""

from collections.abc import Mapping

import pyarrow as pa

LEG = pa.schema([("eclipse", pa.int32()), ("band", pa.string()), ("leg", pa.int32())])

PHOTONS = pa.schema(
    [
        pa.field("t_ms", pa.int64(), nullable=False),
        pa.field("ra", pa.float64()),
        pa.field("dec", pa.float64()),
        pa.field("col", pa.float32(), nullable=False),
        pa.field("row", pa.float32(), nullable=False),
        pa.field("response", pa.float32()),
        pa.field("q", pa.uint8(), nullable=False),
        pa.field("ya", pa.uint8(), nullable=False),
        pa.field("flags", pa.uint8(), nullable=False),
        pa.field("mask", pa.bool_()),
        pa.field("cell", pa.int32(), nullable=False),
    ]
)

MERGED = pa.schema([LEG.field("eclipse"), LEG.field("leg"), *PHOTONS])
"""Photons of many legs in one file, whose folder says of which band they are."""

TICKS = pa.schema([("t_ms", pa.int64()), ("events", pa.int64()), ("unflagged", pa.int64())])

OUTLINES_KEY = b"gphoton_db.outlines"
"""Key, in the metadata of a leg's ticks file, of the sky that the leg saw; not in those of 0.2."""

ASPECT = pa.schema(
    [
        ("t_ms", pa.int64()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
        ("roll", pa.float64()),
        ("flags", pa.int64()),
    ]
)

MERGED_TABLES = {
    kind: pa.schema([LEG.field("eclipse"), LEG.field("leg"), *columns])
    for kind, columns in (("seconds", TICKS), ("aspect", ASPECT))
}
"""What a merged set has besides photons: columns of its files by the kind of files of legs."""

SOURCES = pa.schema(
    [
        ("catalog", pa.string()),
        ("source", pa.int32()),
        ("ra", pa.float64()),
        ("dec", pa.float64()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("coverage", pa.uint8()),
        ("position_flags", pa.uint8()),
        ("extended_source", pa.int32()),
        ("area", pa.float64()),
        ("segment_flux", pa.float64()),
        ("elongation", pa.float64()),
        ("eccentricity", pa.float64()),
        ("equivalent_radius", pa.float64()),
        ("orientation", pa.float64()),
        ("max_value", pa.float64()),
        ("min_value", pa.float64()),
    ]
)

PHOTOMETRY = pa.schema(
    [
        ("catalog", pa.string()),
        ("method", pa.string()),
        ("source", pa.int32()),
        ("radius", pa.float64()),
        ("depth", pa.float64()),
        ("frame", pa.int32()),
        ("t0", pa.float64()),
        ("t1", pa.float64()),
        ("exposure", pa.float64()),
        ("photons", pa.float64()),
        ("counts", pa.float64()),
        ("counts_err", pa.float64()),
        ("flags", pa.uint8()),
        ("dispersion", pa.float64()),
        ("q_mean", pa.float64()),
        ("ya_mean", pa.float64()),
    ]
)

_NUMBERS = pa.list_(pa.float64())
_APERTURES = ("counts", "counts_err", "cps", "cps_err", "mag", "mag_err_1", "mag_err_2")

_ENTRY = (
    ("source_id", pa.string()),
    ("source", pa.int32()),
    *((name, pa.float64()) for name in ("ra", "dec", "ra_err", "dec_err")),
    ("bands", pa.string()),
    ("match_flag", pa.string()),
    ("separation", pa.float64()),
    ("radii", _NUMBERS),
    ("radius", pa.float64()),
)

_ENTRY_IN_BAND = (
    ("source", pa.int32()),
    ("exposure", pa.float64()),
    ("coverage", pa.uint8()),
    *((name, pa.bool_()) for name in ("hotspot", "ghost", "wide_edge", "narrow_edge")),
    *((name, pa.float64()) for name in ("dispersion", "q_mean", "ya_mean", "col", "row")),
    ("photons", pa.int64()),
    *((name, pa.float64()) for name in _APERTURES),
    *((name, pa.float64()) for name in ("sky", "sky_err", "sky_map")),
    *((name, pa.float64()) for name in ("cps_bgsub", "cps_bgsub_err", "mag_bgsub")),
    ("mag_corrected", pa.float64()),
    *((name, pa.float64()) for name in ("model_cps", "model_cps_err", "model_mag")),
    *((name, pa.float64()) for name in ("model_mag_err_1", "model_mag_err_2")),
    *((name, pa.float64()) for name in ("sigma", "sigma_err", "background", "background_err")),
    ("chi2", pa.float64()),
    ("dof", pa.int32()),
    ("model_residuals", _NUMBERS),
    ("aper_photons", pa.list_(pa.int64())),
    *((f"aper_{name}", _NUMBERS) for name in (*_APERTURES, "cps_bgsub", "mag_corrected")),
)

ENTRIES = pa.schema(
    [
        *_ENTRY,
        *((f"{band}_{name}", kind) for band in ("nuv", "fuv") for name, kind in _ENTRY_IN_BAND),
    ]
)
"""Catalogue entries, a row a source, measured in both bands; sql/views/catalogue.sql says what the
columns are."""


def _columns(kind: pa.DataType, names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, kind) for name in names.split()]


VARIABLES = pa.schema(
    [
        *(("catalog", pa.string()), ("source", pa.int32()), ("source_id", pa.string())),
        *_columns(pa.float64(), "ra dec radius depth t0 t1 exposure"),
        ("photons", pa.int64()),
        *_columns(pa.float64(), "cps cps_err background_cps"),
        *_columns(pa.int32(), "n_bins n_dropped n_clean"),
        *(("chi2", pa.float64()), ("dof", pa.int32())),
        *_columns(pa.float64(), "poisson_ratio constant_p excess_variance excess_variance_err"),
        *_columns(pa.float64(), "anderson_darling anderson_darling_p max_cps"),
        *_columns(pa.int32(), "n_high n_low"),
        *_columns(pa.float64(), "flare_p flare_window flare_t0 flare_t1"),
        *(("flare_photons", pa.int64()), ("flare_expected", pa.float64())),
        *_columns(pa.float64(), "dip_p dip_window dip_t0 dip_t1"),
        *(("dip_photons", pa.int64()), ("dip_expected", pa.float64())),
        *_columns(pa.float64(), "trend_p period period_p period_amplitude"),
        *(("n_blocks", pa.int32()), ("block_max_cps", pa.float64()), ("other_photons", pa.int64())),
        *_columns(pa.float64(), "other_expected coincidence_p dither_p dither_part step_p"),
        ("n_neighbours", pa.int32()),
        *_columns(pa.float64(), "hotspot ghost wide_edge narrow_edge low_q q_mean score"),
        *_columns(pa.list_(pa.string()), "reasons warnings"),
    ]
)
"""How sources vary in a band of a leg, a row a source; sql/views/variables.sql says what the
columns are."""

OF_LEGS: Mapping[str, pa.Schema] = {"photons": PHOTONS, "ticks": TICKS, "aspect": ASPECT}
"""By the kinds of files that a leg has (`paths.KINDS`)."""

OF_SOURCES: Mapping[str, pa.Schema] = {
    "sources": SOURCES,
    "photometry": PHOTOMETRY,
    "entries": ENTRIES,
    "variables": VARIABLES,
}
"""By the kinds of files with what was measured in a leg.  That of ``entries`` is of both bands, and
lies in the folder of NUV, or of FUV where there is no NUV."""

_BAND_OF_OBJECT = ("exposure", "cps_bgsub", "cps_bgsub_err")

OBJECTS = pa.schema(
    [
        ("object_id", pa.int64()),
        *((name, pa.float64()) for name in ("ra", "dec", "ra_err", "dec_err", "scatter")),
        *((name, pa.int32()) for name in ("n_sources", "n_visits", "n_covered")),
        ("first_eclipse", pa.int32()),
        ("last_eclipse", pa.int32()),
        ("bands", pa.string()),
        *(
            field
            for band in ("nuv", "fuv")
            for field in (
                (f"{band}_measured", pa.int32()),
                *((f"{band}_{name}", pa.float64()) for name in (*_BAND_OF_OBJECT, "chi2")),
            )
        ),
        ("flags", pa.int32()),
    ]
)

OBJECT_VISITS = pa.schema(
    [
        ("object_id", pa.int64()),
        ("eclipse", pa.int32()),
        ("leg", pa.int32()),
        ("source_id", pa.string()),
        ("n_sources", pa.int32()),
        *((name, pa.float64()) for name in ("ra", "dec", "separation")),
        ("bands", pa.string()),
        *((f"{b}_{name}", pa.float64()) for b in ("nuv", "fuv") for name in _BAND_OF_OBJECT),
        ("flags", pa.int32()),
    ]
)

ASTROMETRY = pa.schema(
    [
        *LEG,
        ("generation", pa.string()),
        ("catalog", pa.string()),
        ("radius", pa.float64()),
        *((name, pa.int32()) for name in ("n_sources", "n_matched", "n_used")),
        *((name, pa.float64()) for name in ("shift_ra", "shift_dec", "shift_err")),
        *((name, pa.float64()) for name in ("rotation", "rotation_err")),
        *((name, pa.float64()) for name in ("scatter_ra", "scatter_dec", "chance_rate")),
    ]
)


def _with_errors(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(f"{name}{kind}", pa.float64()) for name in names for kind in ("", "_err")]


FLARES = pa.schema(
    [
        ("name", pa.string()),
        *_columns(pa.float64(), "ra dec radius step"),
        *(("eclipse", pa.int32()), ("leg", pa.int32()), ("band", pa.string())),
        *(("ranges_of", pa.string()), ("flare", pa.int32())),
        *_columns(pa.float64(), "t0 t_peak t1"),
        *_columns(pa.int32(), "n_bins n_seeds n_both n_left_out"),
        *_columns(pa.float64(), "exposure missing"),
        *_columns(pa.bool_(), "cut_before cut_after peak_at_edge quiet_elsewhere"),
        *_with_errors("quiescence", "peak_cps", "excess"),
        ("significance", pa.float64()),
        *_with_errors("fluence", "distance", "energy", "temperature"),
        *_with_errors(*(f"template_{name}" for name in ("t_peak", "peak", "fwhm", "fluence"))),
        *(("template_chi2", pa.float64()), ("template_dof", pa.int32())),
        *(("aperture_correction", pa.float64()), ("nonlinear", pa.bool_())),
        *(("flags", pa.int32()), ("warnings", pa.int32())),
        *(("recipe", pa.string()), ("sigma", pa.float64())),
    ]
)
"""Flares of light curves, a row a flare and band; sql/views/flares.sql says what columns are."""

VERDICTS = pa.schema(
    [
        *_columns(pa.string(), "sheet source_id"),
        *_columns(pa.float64(), "ra dec"),
        *(("eclipse", pa.int32()), ("leg", pa.int32())),
        *_columns(pa.string(), "band verdict note judged_at"),
    ]
)
"""What people said of candidates; a CSV file of a sheet has the same columns."""

OF_SURVEY: Mapping[str, pa.Schema] = {
    "objects": OBJECTS,
    "object_visits": OBJECT_VISITS,
    "astrometry": ASTROMETRY,
    "flares": FLARES,
    "verdicts": VERDICTS,
}
"""By the kinds of files that are of the whole archive; views of these names read them."""

_IN_DUCKDB = {
    pa.bool_(): "BOOLEAN",
    pa.uint8(): "UTINYINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.list_(pa.int64()): "BIGINT[]",
    pa.list_(pa.float64()): "DOUBLE[]",
    pa.list_(pa.string()): "VARCHAR[]",
}

LEG_TYPES = "{" + ", ".join(f"'{each.name}': {_IN_DUCKDB[each.type]}" for each in LEG) + "}"
"""Types of the columns of `LEG`, as DuckDB's ``read_parquet`` takes them (``hive_types``)."""


def null_columns(*schemas: pa.Schema) -> str:
    """Return a row of NULLs with the columns of some schemas, as a SELECT lists it."""
    return ", ".join(
        f'NULL::{_IN_DUCKDB[field.type]} AS "{field.name}"'
        for schema in schemas
        for field in schema
    )
