"""Formulas in a line: the punctuation around one stays on its line."""

import re

from docutils import nodes
from sphinx.application import Sphinx

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"^(?:[.,;:!?)\]’”]|-\w+|th\b|s\b)+")


def keep_punctuation(app: Sphinx, doctree: nodes.document) -> None:
    """Wrap a formula with the brackets and marks that touch it, between which no line ends."""
    for formula in list(doctree.findall(nodes.math)):
        parent = formula.parent
        place = parent.index(formula)
        before = parent[place - 1] if place else None
        after = parent[place + 1] if place + 1 < len(parent) else None
        opening = OPENING.search(before) if isinstance(before, nodes.Text) else None
        closing = CLOSING.search(after) if isinstance(after, nodes.Text) else None
        if not (opening or closing):
            continue
        together = nodes.inline(classes=["together"])
        if opening:
            parent.replace(before, nodes.Text(before[: opening.start()]))
            together += nodes.Text(opening.group())
        if closing:
            parent.replace(after, nodes.Text(after[closing.end() :]))
        parent.replace(formula, together)
        together += formula
        if closing:
            together += nodes.Text(closing.group())


def setup(app: Sphinx) -> None:
    """Wrap when a page has been read."""
    app.connect("doctree-read", keep_punctuation)
