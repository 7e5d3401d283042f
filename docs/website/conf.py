"""Sphinx's settings of the site; docs/make_site.py puts this file beside the pages that it makes."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_code"))

import csai_core  # noqa: E402

project = "csai"
author = "the csai authors"
release = version = csai_core.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "website.extension",
]
exclude_patterns = ["_code"]
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 4
nitpicky = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
intersphinx_mapping = {
    "python": ("https://docs.python.org/3/", "_code/python.inv"),
    "numpy": ("https://numpy.org/doc/stable/", "_code/numpy.inv"),
    "gymnasium": ("https://gymnasium.farama.org/", "_code/gymnasium.inv"),
    "torch": ("https://docs.pytorch.org/docs/stable/", "_code/torch.inv"),
}
linkcheck_timeout = 20
linkcheck_retries = 3
linkcheck_anchors = False  # many hosts make theirs by scripts
linkcheck_report_timeouts_as_broken = True
html_theme = "furo"
html_title = "csai"
html_static_path = ["_static"]
html_css_files = ["csai.css"]
html_search_scorer = str(HERE / "_static" / "scorer.js")
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
