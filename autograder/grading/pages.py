"""How cells become HTML, in formgrader and on feedback pages: nothing of a learner's acts there.

Formgrader finds its fields by ids and classes in the whole page, and nbgrader's templates take the HTML of
Markdown as it is. So what a learner writes keeps neither, and shows no picture but its own.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from html import escape
from importlib.metadata import version
from typing import ClassVar

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

from autograder import sources
from autograder.course import Course
from autograder.grading.limited import limited
from autograder.grading.model_answers import model_answer
from dlarch.importer.pictures import pictures_in
from dlarch.plain import PlainData

LONGEST = 20_000
"""Characters of a text that is formatted; of what is longer, this much is shown as it is."""
TEXT_S = 1
"""Processor time for formatting one text."""
PAGE_S = 3.0
"""Processor time for formatting all texts of a page: formgrader's server waits for it."""
MOST_KNOWN = 32 << 20
"""Characters of HTML that are remembered."""
TABLES = "<style>.output_html td { padding: 0.1em 0.8em; text-align: left; }</style>"
"""Reports lose their styles with everybody's; without this their columns run together."""
LOOK = ("autograder.grading.gradebook", "autograder.grading.rebuilding", "autograder.course")
"""What else makes notebooks and pages for a person to read; not followed, for it grades too."""


def look() -> str:
    """Digest what feedback pages are made with: when it changes they are written anew, and nothing is run."""
    modules = [__name__, "autograder.grading.formatting", "dlarch.report"]
    files = sources.sources(modules) | sources.only(LOOK)
    return sources.digest(files, version("nbconvert"), version("nbgrader"))


class FeedbackExporter(HTMLExporter):
    """Nbconvert's pages; templates are compiled, and cells that a class shares are formatted, once."""

    _compiled: ClassVar[dict[tuple[str, ...], Environment]] = {}

    def _create_environment(self) -> Environment:
        paths = tuple(self.template_paths)
        if paths not in self._compiled:
            self._compiled[paths] = super()._create_environment()
        environment = self._compiled[paths]
        for name, make in self.default_filters():
            self._register_filter(environment, name, make)
        return environment

    def from_notebook_node(
        self, nb: NotebookNode, resources: ResourcesDict | None = None, **options: object
    ) -> tuple[str, ResourcesDict]:
        """Convert a notebook to HTML."""
        resources = self._init_resources(resources)
        widgets = WidgetsDataTypeFilter(self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", widgets)
        for name, function in self.filters.items():
            self.register_filter(name, function)
        html, resources = super(HTMLExporter, self).from_notebook_node(nb, resources, **options)
        html = html.replace("</head>", f"{TABLES}</head>", 1)
        return _without_open_scores(html, resources.get("waiting", ())), resources


@pass_context
def clean_markdown(context: Context, source: str) -> str:
    """Turn the Markdown of a cell into HTML without ids, classes, names, styles or foreign pictures.

    Args:
        context: the template's, where the cell is.
        source: the text of a cell, or a comment on it.
    """
    cell = context.get("cell") or {}
    pictures = [
        [name, f"data:{mime};base64,{data}"]
        for name, content in pictures_in(cell.get("attachments")).items()
        for mime, data in content.items()
    ]
    return _on_page(context, "markdown", source, pictures) + _beside(context, cell)


@pass_context
def highlight(
    context: Context, source: str, language: str = "python", metadata: NotebookNode | None = None
) -> str:
    """Turn a cell's code into HTML, with colours."""
    shown = _on_page(context, "code", source, language)
    return shown + _beside(context, context.get("cell") or {})


def clean_html(html: str) -> str:
    """Sanitise HTML of outputs, which no learner writes, and of what was formatted."""
    return formatted("clean", str(html))


def formatted(work: str, source: str, *more: PlainData) -> str:
    """Turn a text into HTML in which nothing acts, in little time whatever the text is.

    Args:
        work: a function of `formatting`.
        source: the text, perhaps a learner's; one that takes too long is shown as it is, with a note.
        more: the function's other arguments.
    """
    key = hashlib.sha256(json.dumps([work, source, more]).encode()).hexdigest()
    if key not in _known:
        short = len(source) <= LONGEST or work == "clean"
        html = limited().ask(work, TEXT_S, source, *more) if short else None
        if sum(map(len, _known.values())) > MOST_KNOWN:
            _known.clear()
        _known[key] = html if isinstance(html, str) else as_it_is(source)
    return _known[key]


def as_it_is(source: str) -> str:
    """Show a text without its formatting, cut where it is long."""
    what = "Shown as it is, for formatting it takes too long"
    if len(source) > LONGEST:
        what += f": the first {LONGEST} of {len(source)} characters"
    return f"<div><em>[{what}]</em></div><pre>{escape(source[:LONGEST])}</pre>"


def _on_page(context: Context, work: str, source: str, *more: PlainData) -> str:
    """Format a text of a page, unless its other texts took all the time there is."""
    resources, spent_s = context.get("resources") or {}, limited().spent_s
    if spent_s - resources.setdefault("spent_s", spent_s) > PAGE_S:
        return as_it_is(source)
    return formatted(work, source, *more)


_known: dict[str, str] = {}
"""What was formatted, by the digest of what it was: cells that a class shares are formatted once."""


def _beside(context: Context, cell: NotebookNode) -> str:
    """Give the master's answer to what a person grades, in formgrader alone."""
    settings = cell.get("metadata", {}).get("nbgrader", {})
    resources = context.get("resources") or {}
    by_hand = settings.get("task") or (settings.get("grade") and settings.get("solution"))
    if not by_hand or "submission_id" not in resources:
        return ""
    answer = model_answer(resources["assignment_id"], settings["grade_id"], Course.here())
    is_code = cell.cell_type == "code"
    shown = formatted("code", answer, "python") if is_code else formatted("markdown", answer, [])
    return f"<details><summary>Model answer and marking, for you alone</summary>{shown}</details>"


def _without_open_scores(html: str, waiting: Iterable[str]) -> str:
    """Say "not graded yet" where nbgrader's template has a score that waits for a person."""
    for name in map(re.escape, waiting):
        for before in (rf'<a href="#{name}">[^<]*</a> \(', rf'<a name="{name}"></a>.*?'):
            pattern = rf"({before})Score: [-\d.]+ / "
            html = re.sub(pattern, r"\1not graded yet, of ", html, count=1, flags=re.DOTALL)
    return html
