"""Learners' notebooks as pages: what to download, what each cell is for, and the "open in" buttons."""

import ast
import json
import re
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

import dlarch.figures
from autograder.archive import write_zip
from course_site.figures import LiveFigure
from dlarch.figures import FIGURES

logger = logging.getLogger(__name__)
SETUP = "book/setup"
KINDS = {
    "answer": "Your answer",
    "check": "Check",
    "demonstration": "Demonstration",
    "given": "Given",
}
FIGURE_CLASSES = {class_name: name for name, class_name in FIGURES.items()}


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


@lru_cache
def answered_functions(notebook: Path) -> frozenset[str]:
    """Return the names of what a notebook asks for."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    marks = (cell["metadata"].get("nbgrader", {}) for cell in cells)
    return frozenset(mark["grade_id"] for mark in marks if mark.get("solution"))


def kind_of(metadata: dict) -> str:
    """Return what a code cell is for, a key of KINDS."""
    mark = metadata.get("nbgrader", {})
    if mark.get("solution"):
        return "answer"
    if mark.get("grade"):
        return "check"
    return "demonstration" if "demonstration" in metadata.get("tags", []) else "given"


def figure_of(code: str) -> LiveFigure | None:
    """Return the figure that a cell's last line makes, if it needs no function of the learner."""
    statements = ast.parse(code).body if re.search(r"^[A-Z]\w+\(", code, re.M) else []
    match statements[-1:]:
        case [ast.Expr(ast.Call(ast.Name(name), [], keywords))] if name in FIGURE_CLASSES:
            try:
                state = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
            except ValueError:
                return None
            summary = getattr(dlarch.figures, name).summary
            return LiveFigure(name=FIGURE_CLASSES[name], state=json.dumps(state), alt=summary)
    return None


def mark_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Say what each code cell is for, make a task's cell a place to link to, and run the figures.

    A notebook's sections are called steps, because their numbers are not those of chapters.
    """
    docname = app.env.docname
    if Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    anchors = app.env.metadata[docname].setdefault("myst_slugs", {})
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code":
            continue
        metadata = cell["cell_metadata"]
        kind = kind_of(metadata)
        cell["classes"].append(f"cell-{kind}")
        cell.insert(0, nodes.paragraph("", KINDS[kind], classes=["cell-kind"]))
        if kind == "answer":
            task = f"task-{metadata['nbgrader']['grade_id']}"
            cell["ids"].append(task)
            anchors[task] = (0, task, task)
        code = next(iter(cell.findall(nodes.literal_block)), None)
        if code is not None and (figure := figure_of(code.astext())):
            cell += figure
    first, *titles = doctree.findall(nodes.title)
    first.insert(0, nodes.Text("Notebook "))
    for title in titles:
        if re.match(r"\d+ ", title.astext()):
            title.insert(0, nodes.Text("Step "))


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
    app.connect("doctree-read", mark_cells, priority=90)
