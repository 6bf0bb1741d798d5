"""Links of the form `page.md#label`, which JupyterLab and a repository's viewer understand too."""

from docutils import nodes
from sphinx.application import Sphinx


def add_labels(app: Sphinx, doctree: nodes.document) -> None:
    """Let MyST, which resolves such links to headings alone, find a page's labels too."""
    anchors = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for label, explicit in doctree.nametypes.items():
        if explicit and doctree.nameids.get(label):
            anchors[label] = (0, doctree.nameids[label], label)


def setup(app: Sphinx) -> None:
    """Add the labels of each page that is read."""
    app.connect("doctree-read", add_labels)
