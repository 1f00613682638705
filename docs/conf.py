"""How the site of docs/ is built: ``make docs``, into build/docs, without a network."""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS / "extensions"))

# Where the pages of the gallery run; no settings of the user's count there.
os.environ.setdefault("GPHOTON_DB_DOCS_DEMO", str(DOCS.parent / "build" / "docs-demo"))
os.environ["GPHOTON_DB_CONFIG"] = os.devnull
for name in ("ARCHIVE", "CALIBRATION", "POINTING", "QUERIES"):
    os.environ.pop(f"GPHOTON_DB_{name}", None)

from gphoton_db import __version__  # noqa: E402

project = "gphoton-db"
author = "the gphoton-db developers"
copyright = f"2026, {author}"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "public_api",
    "living_names",
]
exclude_patterns = ["extensions"]
nitpicky = True
default_role = "py:obj"
needs_sphinx = "8.1"

# MyST: formulas in the specification, anchors of headings for links into a page.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# The gallery runs in the folder that `make docs` made the demonstration in.
nb_execution_mode = "force"

nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

# Some statements and tables are in no language that Pygments knows.
suppress_warnings = ["misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "inherited-members": False}
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False

# Other projects' references need a network: only those who ask for them get links there.
intersphinx_mapping = {}
if os.environ.get("GPHOTON_DB_DOCS_LINKS"):
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "astropy": ("https://docs.astropy.org/en/stable", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
        "pyarrow": ("https://arrow.apache.org/docs", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
        "shapely": ("https://shapely.readthedocs.io/en/stable", None),
    }

# Without them, names of other packages are plain text; names of our own must exist.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!gphoton_db\.)[a-z_]+\..*"),
    (r"py:.*", r"(None|True|False|bool|bytes|dict|float|int|list|object|str|tuple|type)"),
]

html_theme = "pydata_sphinx_theme"
html_title = f"gphoton-db {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
}
