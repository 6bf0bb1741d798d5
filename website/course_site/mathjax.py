"""MathJax from the installed package instead of another origin: the parts that pages of TeX can ask for."""

import shutil
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx

PARTS = (
    "tex-chtml.js",
    "input/tex/extensions",
    "output/chtml/fonts/woff-v2",
    "a11y",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
    "sre/mathmaps/nemeth.json",
)


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Copy the parts to the site's static files."""
    if exception or app.builder.format != "html":
        return
    source = Path(str(files("mathjax"))) / "static" / "mathjax" / "es5"
    target = Path(app.outdir, "_static", "mathjax")
    for part in PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copy2(source / part, target / part)


def setup(app: Sphinx) -> None:
    """Copy after the build."""
    app.connect("build-finished", copy_mathjax)
