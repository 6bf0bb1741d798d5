"""For who comes by a link or by chance: what a page is about, and a page for addresses that do not exist."""

import re
from html import escape
from pathlib import Path
from string import Template

from docutils import nodes
from sphinx.application import Sphinx

LENGTH = 160
NOT_FOUND = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Page not found — $project</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark }
body { font: 1.1rem/1.6 system-ui, sans-serif; margin: 15vh auto; max-width: 34rem; padding: 0 1rem }
</style></head>
<body><main><h1>There is no such page</h1>
<p>It may have moved, or the address has a slip.
<a href="book/index.html">The first page of the course</a> lists all chapters, and you can
<a href="search.html">search</a> in them.</p></main>
<script>
const root = location.pathname.replace(/(book|notebooks|_\\w+)\\/.*|[^\\/]*$$/, "");
for (const link of document.links) link.href = root + link.getAttribute("href");
</script></body></html>
""")
"""A host shows this page below any address: its links start where the site does, and nothing is loaded."""


def describe(doctree: nodes.document) -> str:
    """Return the first words of a page's text, about 160 letters, cut after a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and not paragraph["classes"]:
            text = re.sub(r"\s+", " ", paragraph.astext())
            return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0] + " …"
    return ""


def add_description(
    app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Say in the page's head what it is about, for search engines and for links that are shared."""
    if doctree is None:
        return
    words = {
        'name="description"': describe(doctree),
        'property="og:title"': nodes.Text(context.get("title", "")).astext(),
        'property="og:description"': describe(doctree),
        'property="og:type"': "article",
        'property="og:site_name"': app.config.project,
        'name="twitter:card"': "summary",
    }
    tags = (f'<meta {name} content="{escape(text)}">' for name, text in words.items() if text)
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def write_page_for_the_lost(app: Sphinx, exception: Exception | None) -> None:
    """Write the page that hosts show for an address that does not exist."""
    if not exception and app.builder.format == "html":
        page = NOT_FOUND.substitute(project=escape(app.config.project))
        Path(app.outdir, "404.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Add the descriptions, and the page for who is lost."""
    app.connect("html-page-context", add_description)
    app.connect("build-finished", write_page_for_the_lost)
