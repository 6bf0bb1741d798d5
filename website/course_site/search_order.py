"""The order of search results: a page that speaks most of what was asked comes first."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

HOMES = 8
"""How many pages are remembered for a word."""


def count_words(app: Sphinx) -> dict[str, Counter[str]]:
    """Return for each word's stem, as the search index has it, and for two in a row, its count by page."""
    language = app.builder.indexer.lang
    counts: dict[str, Counter[str]] = {}
    for page in app.env.found_docs:
        if page.startswith("notebooks/"):
            continue
        doctree = app.env.get_doctree(page)
        titles = " ".join(title.astext() for title in doctree.findall(nodes.title))
        for text, weight in ((doctree.astext(), 1), (titles, 5)):
            stems = [language.stem(word).lower() for word in language.split(text)]
            stems = [stem for stem in stems if language.word_filter(stem)]
            for said in [*stems, *map(" ".join, pairwise(stems))]:
                counts.setdefault(said, Counter())[page] += weight
    return counts


def write_homes(app: Sphinx, exception: Exception | None) -> None:
    """Write for each stem the pages that say it most, with their counts."""
    if exception or app.builder.format != "html":
        return
    homes = {
        stem: dict(pages.most_common(HOMES))
        for stem, pages in sorted(count_words(app).items())
        if max(pages.values()) > (2 if " " in stem else 1)
    }
    text = f"const homesOfWords = {json.dumps(homes, separators=(',', ':'))};\n"
    Path(app.outdir, "_static", "homes_of_words.js").write_text(text, encoding="utf-8")


def order_results(app: Sphinx, page: str, *_: object) -> None:
    """Load both scripts where results are shown."""
    if page == "search":
        app.add_js_file("homes_of_words.js", loading_method="defer")
        app.add_js_file("search_order.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Count after the build."""
    app.connect("html-page-context", order_results)
    app.connect("build-finished", write_homes)
