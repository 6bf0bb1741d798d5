"""What every notebook gets besides its master: cells that guide, protection from slips, links to the book."""

import re

import nbformat
import yaml
from nbformat import NotebookNode

from autograder.course import Course
from dlarch.importer.assignment import GUIDANCE

BOOK_LINK = re.compile(r"\]\(\.\./\.\./book/(\w+)\.md(#[\w-]+)?\)")
TEXTS = (
    """\
# Run this cell first. It says what to do when the course's library is not installed.
import importlib.util

if importlib.util.find_spec("dlarch") is None:
    print("The library dlarch is missing. Unpack the course's archive, open a terminal in its folder,")
    print("run   pip install -c constraints.txt .   there, and restart the kernel.")
    print("The page 'Set up in five minutes' (book/setup) has the commands for each system.")""",
    """\
## How to hand in

Choose *Kernel → Restart Kernel and Run All Cells*: a notebook may work only because of a cell that is gone.
Save it, then run the cell below: it runs every check on the saved file and shows your points.
Hand in `STEM.ipynb`, this notebook, under this name.
Graded are the functions in the answer cells, on other inputs than the checks have, and the written answers.
Whatever an answer needs belongs in its own cell; cells that only show something are not run.
A check that fails costs its own points and no others, so hand in what you have.""",
    """\
from dlarch import check_all

check_all()""",
)
"""Of the cells that every notebook gets, in the order of their ids."""


def add_guidance(notebook: NotebookNode, stem: str) -> NotebookNode:
    """Add what every notebook has: a first cell that finds dlarch, how to hand in, the table of points."""
    install, hand_in, points = (
        _guidance(name, text.replace("STEM", stem))
        for name, text in zip(GUIDANCE, TEXTS, strict=True)
    )
    notebook.cells = [install, *notebook.cells, hand_in, points]
    return notebook


def _guidance(name: str, text: str) -> NotebookNode:
    is_text = name == "hand-in"
    new = nbformat.v4.new_markdown_cell if is_text else nbformat.v4.new_code_cell
    cell = new(text, id=name, metadata={"dlarch": {"guidance": name}})
    if not is_text:
        cell.metadata.tags = ["demonstration"]
    return cell


def lock(notebook: NotebookNode, book: str) -> NotebookNode:
    """Protect what is given from slips, and let links lead to the book.

    A check cell that fails does not stop *Run All*. Cells that only show something stay free to play with.

    Args:
        notebook: a released notebook.
        book: the address of the published book, ending in `/`, or empty.
    """
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        tags = cell.metadata.get("tags", [])
        if settings.get("grade") and not settings.get("solution"):
            cell.metadata.tags = [*tags, *{"raises-exception"}.difference(tags)]
        if "demonstration" not in tags or "dlarch" in cell.metadata:
            cell.metadata.deletable = False
            if not settings.get("solution"):
                cell.metadata.editable = False
        if book and cell.cell_type == "markdown":
            cell.source = BOOK_LINK.sub(rf"]({book}\1.html\2)", cell.source)
    if book:
        notebook.metadata.dlarch = {"book": book}
    return notebook


def book_address(course: Course) -> str:
    """Give the address of the published book's pages, from `html.baseurl` in _config.yml; or nothing."""
    config = course.root / "_config.yml"
    settings = yaml.safe_load(config.read_text()) if config.exists() else {}
    address = str((settings.get("html") or {}).get("baseurl") or "")
    return f"{address.rstrip('/')}/book/" if address else ""


def beside_book(notebook: bytes) -> bytes:
    """Let a notebook's links lead to `book/` beside its folder, where JupyterLab can open it."""
    return notebook.replace(b"](../../book/", b"](../book/")


def pages(course: Course) -> dict[str, bytes]:
    """Give the book's pages and pictures as learners get them, to be read without a network, by name."""
    files = [*course.root.glob("book/*.md"), *course.root.glob("book/images/*.svg")]
    return {str(path.relative_to(course.root)): path.read_bytes() for path in sorted(files)}
