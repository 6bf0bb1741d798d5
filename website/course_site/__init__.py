"""The Sphinx extension of the course's site: one module for each thing the book needs beyond Jupyter Book."""

from sphinx.application import Sphinx

from course_site import (
    admonitions,
    anchors,
    chapter_map,
    diagrams,
    figures,
    formulas,
    glossary,
    mathjax,
    notebooks,
    quiz,
    search_order,
    wayfinding,
    weight,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Load every part; Sphinx calls this, and the parts' own `setup`, once for each build."""
    for module in (
        *(admonitions, anchors, chapter_map, diagrams, figures, formulas, glossary),
        *(mathjax, notebooks, quiz, search_order, wayfinding, weight),
    ):
        module.setup(app)
    for script in ("print_light.js", "scrollers.js", "search_excerpts.js"):
        app.add_js_file(script, loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
