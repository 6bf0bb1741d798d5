"""Definitions where they are needed: the first use of each glossary term on a page leads to the glossary.

Links to a term, and citations, carry what they lead to as their title; definitions.js shows it on hover,
focus and touch.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder

GLOSSARY = "book/glossary"
WITHOUT_TERMS = {
    f"book/{page}" for page in ("errata", "glossary", "grading", "index", "notation", "references")
}
CLOSED = (
    nodes.title,
    nodes.literal,
    nodes.literal_block,
    nodes.reference,
    nodes.target,
    nodes.math,
    nodes.raw,
    nodes.table,
)
CLOSED_BOXES = {"quiz", "opening", "correction"}
"""Text that gets no links: it is a link already, no prose, a list of what is to come, or a slide's words."""
ONLY_BY_ROLE = {
    *("bias", "channel", "ensemble", "filter", "kernel", "precision", "recall", "sample", "unit"),
    *("update", "weight"),
}
"""Words with other meanings too: they are linked where a page says so, by the role `term`."""


def read_terms(glossary: nodes.document) -> dict[str, tuple[str, str]]:
    """Read the glossary.

    Args:
        glossary: the page of definitions.

    Returns:
        for each term as it is written there, its anchor and its definition, one sentence without markup.
    """
    return {
        term.astext(): (term["ids"][0], item.next_node(nodes.definition).children[0].astext())
        for item in glossary.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
    }


def pattern_of(terms: list[str]) -> re.Pattern[str]:
    """Build the expression that finds any of the terms, in the plural and at a sentence's start too."""
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})(s|es)?\b", re.IGNORECASE)


def link_first_uses(
    builder: Builder, page: str, doctree: nodes.document, terms: dict[str, tuple[str, str]]
) -> None:
    """Make a link of the first use of each term in the prose of a page."""
    by_form = {term.lower(): (term, *found) for term, found in terms.items()}
    pattern = pattern_of([term for term in terms if term not in ONLY_BY_ROLE])
    glossary = builder.get_relative_uri(page, GLOSSARY)
    seen = _describe(doctree, {anchor: definition for _, anchor, definition in by_form.values()})
    for text in list(doctree.findall(nodes.Text)):
        if not _is_prose(text):
            continue
        parts: list[nodes.Node] = []
        end = 0
        for use in pattern.finditer(text):
            _, anchor, definition = by_form[use[1].lower()]
            if anchor in seen:
                continue
            seen.add(anchor)
            link = nodes.reference(
                "", use[0], internal=True, refuri=f"{glossary}#{anchor}", reftitle=definition
            )
            link["classes"].append("defined")
            parts += [nodes.Text(text[end : use.start()]), link]
            end = use.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def _is_prose(text: nodes.Text) -> bool:
    node = text.parent
    in_paragraph = False
    while node is not None:
        if isinstance(node, CLOSED) or CLOSED_BOXES.intersection(node.get("classes", ())):
            return False
        in_paragraph |= isinstance(node, nodes.paragraph)
        node = node.parent
    return in_paragraph


def describe_citations(app: Sphinx, doctree: nodes.document) -> None:
    """Give each citation the entry that it leads to as its title."""
    _describe(
        doctree,
        {
            citation.citation_id: citation.formatted_entry.text.render_as("text")
            for citation in app.env.get_domain("cite").citations
        },
    )


def _describe(doctree: nodes.document, texts: dict[str, str]) -> set[str]:
    """Give links to these anchors their texts as titles, and return the anchors that are linked."""
    linked = set()
    for link in doctree.findall(nodes.reference):
        anchor = link.get("refid") or link.get("refuri", "").rpartition("#")[2]
        if anchor in texts:
            linked.add(anchor)
            link["reftitle"] = texts[anchor]
            link["classes"].append("defined")
    return linked


def add_definitions(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Add definitions to a page of the book."""
    if not page.startswith("book/") or app.builder.format != "html":
        return
    describe_citations(app, doctree)
    if page not in WITHOUT_TERMS and GLOSSARY in app.env.found_docs:
        link_first_uses(app.builder, page, doctree, read_terms(app.env.get_doctree(GLOSSARY)))


def setup(app: Sphinx) -> None:
    """Add definitions once all references of a page are resolved."""
    app.connect("doctree-resolved", add_definitions, priority=900)
    app.add_js_file("definitions.js", loading_method="defer")
