"""Drawn diagrams: on a narrow screen they scroll before their letters become too small to read."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

SMALLEST_PX = 11


class Diagram(nodes.General, nodes.Element):
    """The frame of a diagram; `least` is the width in pixels below which its letters would be too small."""


def least_width(drawing: str) -> int:
    """Return the width in pixels at which the smallest letters of an SVG are 11 pixels high."""
    width = float(re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+)', drawing)[1])
    sizes = [float(size) for size in re.findall(r'font-size[=:]\s*"?([\d.]+)', drawing)]
    return round(width * SMALLEST_PX / min(sizes)) if sizes else 0


def frame_diagrams(app: Sphinx, doctree: nodes.document) -> None:
    """Put each SVG of a figure into a frame that can scroll."""
    for image in list(doctree.findall(nodes.image)):
        if isinstance(image.parent, nodes.figure) and image["uri"].endswith(".svg"):
            drawing = Path(app.srcdir, image["uri"]).read_text(encoding="utf-8")
            frame = Diagram(least=least_width(drawing))
            image.parent.replace(image, frame)
            frame += image


def visit_html(self: HTML5Translator, node: Diagram) -> None:
    """Open the frame."""
    style = f"--least: {node['least']}px"
    self.body.append(self.starttag(node, "div", CLASS="diagram", style=style))


def depart_html(self: HTML5Translator, node: Diagram) -> None:
    """Close the frame."""
    self.body.append("</div>\n")


def pass_by(self: object, node: Diagram) -> None:
    """Other builders need no frame."""


def setup(app: Sphinx) -> None:
    """Register the frame, and put diagrams into it when Sphinx has found their files."""
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (pass_by, pass_by))
    app.add_node(Diagram, html=(visit_html, depart_html), **others)
    app.connect("doctree-read", frame_diagrams, priority=900)
