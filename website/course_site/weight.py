"""What a page weighs: of the theme's icons only those that are used, and no search index before a search."""

import logging
import re
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

UNUSED_SCRIPTS = re.compile(
    r'\s*<script[^>]*src="[^"]*(?:fontawesome|searchtools|language_data|searchindex)\.js[^"]*"></script>'
)
"""The icons' script, whose icons the stylesheet has too, and what only the page of results needs."""
ICONS_SCRIPT = re.compile(r'\s*<script[^>]*src="[^"]*fontawesome\.js[^"]*"></script>')
ICON_NAME = re.compile(r"\bfa-[a-z0-9-]+")
WOFF2 = re.compile(r'url\([^)]*\.woff2\) ?format\("woff2"\),')


ICON_RULE = re.compile(r'(?:\.fa-[a-z0-9-]+:before,?)+\{content:"[^"]*"\}')


def icon_names(pages: list[str]) -> set[str]:
    """Return the names of the icons on pages, and of that which closes a message."""
    return {name for page in pages for name in ICON_NAME.findall(page)} | {"fa-xmark"}


def used_icons(pages: list[str], style: str) -> set[int]:
    """Return the code points of the icons that pages name, or that the style shows by itself."""
    names = icon_names(pages)
    icons = {ord(sign) for sign in re.findall(r'--pst-icon-[\w-]+:"(.)"', style)}
    for selectors, code in re.findall(r'([^{}]*)\{content:"\\?([0-9a-f]{4}|.)"\}', style):
        if names & set(ICON_NAME.findall(selectors)):
            icons.add(int(code, 16) if len(code) == 4 else ord(code))
    return icons


def keep_icons(font: Path, icons: set[int]) -> None:
    """Take all other glyphs out of a font."""
    opened = TTFont(font)
    subsetter = Subsetter(Options(notdef_outline=True))
    subsetter.populate(unicodes=icons)
    subsetter.subset(opened)
    opened.save(font)


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Take out what no page uses."""
    if exception or app.builder.name not in ("html", "dirhtml"):
        return
    static = Path(app.outdir, "_static")
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    for path, page in pages.items():
        unused = ICONS_SCRIPT if path.name == "search.html" else UNUSED_SCRIPTS
        path.write_text(unused.sub("", page), encoding="utf-8")
    style = static / "styles" / "pydata-sphinx-theme.css"
    text = style.read_text(encoding="utf-8")
    icons = used_icons(list(pages.values()), text)
    names = icon_names(list(pages.values()))
    kept = ICON_RULE.sub(
        lambda rule: rule[0] if names & set(ICON_NAME.findall(rule[0])) else "", text
    )
    style.write_text(WOFF2.sub("", kept), encoding="utf-8")
    fonts = static / "vendor" / "fontawesome" / "webfonts"
    for font in fonts.glob("*.ttf"):
        keep_icons(font, icons)
    unused_files = [
        *fonts.glob("*.woff2"),
        *static.rglob("*.map"),
        static / "scripts" / "fontawesome.js",
    ]
    for path in unused_files:
        path.unlink(missing_ok=True)
    Path(app.outdir, ".nojekyll").touch()


def setup(app: Sphinx) -> None:
    """Lighten the site when it is built; fontTools tells of each step, which nobody reads."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    app.connect("build-finished", lighten, priority=900)
