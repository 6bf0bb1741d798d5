"""Learners' notebooks as pages: what to download, and the "open in" buttons."""

from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from autograder.archive import write_zip

logger = logging.getLogger(__name__)
SETUP = "book/setup"


def add_downloads(app: Sphinx, doctree: nodes.document) -> None:
    """Link the notebook, its checks file and an archive of both under the title of its page."""
    notebook = Path(app.env.doc2path(app.env.docname))
    if notebook.suffix != ".ipynb":
        return
    checks = notebook.with_name("checks.safetensors")
    if not checks.is_file():
        logger.warning("%s has no %s beside it: make release", notebook.name, checks.name)
        return
    app.env.note_dependency(str(checks))
    archive = Path(app.srcdir, "build", "site", f"{notebook.stem}.zip")
    write_zip(archive, {path.name: path.read_bytes() for path in (notebook, checks)})

    paragraph = nodes.paragraph("", "Work on it: download ", classes=["notebook-downloads"])
    for text, path, after in (
        ("the notebook and its checks (zip)", archive, ". Or one by one: "),
        ("notebook", notebook, ", "),
        ("checks file", checks, ", which belongs in the same folder."),
    ):
        target = "/" + path.relative_to(app.srcdir).as_posix()
        link = addnodes.download_reference("", "", reftarget=target, refdoc=app.env.docname)
        link += nodes.inline("", text)
        paragraph += [link, nodes.Text(after)]
    if SETUP in app.env.found_docs:
        setup = addnodes.pending_xref(
            "", refdomain="std", reftype="doc", reftarget=f"/{SETUP}", refexplicit=True
        )
        setup += nodes.inline("", "Set up in five minutes")
        paragraph += [nodes.Text(" New here? "), setup, nodes.Text(".")]
    title = next(doctree.findall(nodes.title))
    title.parent.insert(title.parent.index(title) + 1, paragraph)


def name_notebooks(app: Sphinx, env: BuildEnvironment) -> None:
    """Tell a notebook from its page in the links to the next page and in search: both have one title."""
    for name in env.found_docs:
        if Path(env.doc2path(name)).suffix == ".ipynb":
            env.titles[name] = nodes.title("", f"Notebook {env.titles[name].astext()}")


def show_buttons_with_a_repository(app: Sphinx, config: Config) -> None:
    """Show the theme's buttons of a repository when, and only when, the repository's address is set."""
    options = config.html_theme_options
    for button in ("use_repository_button", "use_edit_page_button", "use_issues_button"):
        options[button] = bool(options.get("repository_url"))
    if not options["use_repository_button"]:
        options["launch_buttons"] = {}


def setup(app: Sphinx) -> None:
    """Decide on the buttons before the theme does, add the downloads before Sphinx collects them."""
    app.connect("config-inited", show_buttons_with_a_repository, priority=100)
    app.connect("doctree-read", add_downloads, priority=100)
    app.connect("env-updated", name_notebooks)
