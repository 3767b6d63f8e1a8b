"""The settings of the site: see `make docs`. Nothing is fetched while it builds."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from understudy import __version__  # noqa: E402  (the path comes first)

project = "understudy"
project_copyright = "the authors of understudy"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["pictures/*.py", "api/overlays"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4  # links such as scenarios.md#keys
# The shipped API document has blocks that look like JSON but are not. It is shown as it is.
suppress_warnings = ["misc.highlighting_failure"]

default_role = "code"  # docstrings write `names` in single backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
add_module_names = False

html_theme = "furo"
html_title = f"understudy {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
highlight_language = "none"  # blocks without a language are output, or commands
pygments_style = "friendly"
pygments_dark_style = "github-dark"
