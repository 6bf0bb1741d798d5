"""MathJax from the installed package instead of another origin: the parts that pages of TeX can ask for."""

import shutil
from importlib.resources import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
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


def drop_hints(font: Path) -> None:
    """Keep all glyphs of a font and leave out its instructions for screens of few pixels."""
    opened = TTFont(font)
    options = Options(hinting=False, notdef_outline=True)
    options.drop_tables += ["FFTM"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=opened.getBestCmap())
    subsetter.subset(opened)
    opened.save(font)


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
    for font in target.rglob("*.woff"):
        drop_hints(font)


def setup(app: Sphinx) -> None:
    """Copy after the build."""
    app.connect("build-finished", copy_mathjax)
