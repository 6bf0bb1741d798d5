"""How cells become HTML, in formgrader and on feedback pages: nothing of a learner's acts there.

Formgrader finds its fields by ids and classes in the whole page, and nbgrader's templates take the HTML of
Markdown as it is. So what a learner writes keeps neither, and shows no picture but its own.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from importlib.metadata import version
from typing import ClassVar
from urllib.parse import urlsplit

import bleach
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from mistune import import_plugin
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode

from autograder import sources
from autograder.course import Course
from autograder.grading.model_answers import model_answer
from autograder.grading.pictures import is_picture, pictures_in

LONGEST = 20_000
"""Characters of a text that is formatted; what is longer is shown as it is, for formatting takes minutes."""

OUTPUT_TAGS = {*bleach.ALLOWED_TAGS, "div", "pre", "span", "table", "tbody", "td", "tr"}
MARKDOWN_TAGS = {
    *OUTPUT_TAGS, "br", "dd", "del", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "p",
    "sub", "sup", "th", "thead",
}  # fmt: skip
TABLES = "<style>.output_html td { padding: 0.1em 0.8em; text-align: left; }</style>"
"""Reports lose their styles with everybody's; without this their columns run together."""
MARKDOWN_PLUGINS = ("strikethrough", "table", "url", "def_list")
"""Nbconvert's, without the boxes of task lists."""

Addresses = tuple[tuple[str, str], ...]
"""Pictures of a cell: name, address with the data in it."""


LOOK = ("autograder.grading.gradebook", "autograder.course")
"""What else makes notebooks and pages for a person to read; not followed, for it grades too."""


def look() -> str:
    """Digest what feedback pages are made with: when it changes they are written anew, and nothing is run."""
    files = sources.sources([__name__, "dlarch.report"]) | sources.only(LOOK)
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
    pictures = pictures_in(cell.get("attachments"))
    addresses = tuple(
        (name, f"data:{mime};base64,{data}")
        for name, content in pictures.items()
        for mime, data in content.items()
    )
    return render_markdown(source, addresses) + _beside(context, cell)


@lru_cache(maxsize=1024)
def render_markdown(source: str, pictures: Addresses = ()) -> str:
    """Turn Markdown into HTML in which nothing acts.

    Args:
        source: the text of a cell, perhaps a learner's.
        pictures: what is attached to the cell.
    """
    if len(source) > LONGEST:
        return f"<pre>{escape(source)}</pre>"
    plugins = [import_plugin(name) for name in MARKDOWN_PLUGINS]
    attributes = {"a": _keeps_link, "abbr": ["title"], "img": _keeps_picture}
    protocols = {"http", "https", "mailto", "data"}
    try:
        html = MarkdownWithMath(_Renderer(dict(pictures)), plugins=plugins).render(source)
        return bleach.clean(html, tags=MARKDOWN_TAGS, attributes=attributes, protocols=protocols)
    except Exception:  # what no parser takes is shown as it is
        return f"<pre>{escape(source)}</pre>"


@pass_context
def highlight(
    context: Context, source: str, language: str = "python", metadata: NotebookNode | None = None
) -> str:
    """Turn a cell's code into HTML, with colours unless it is very long."""
    return highlighted(source, language) + _beside(context, context.get("cell") or {})


@lru_cache(maxsize=4096)
def clean_html(html: str) -> str:
    """Sanitise HTML outputs; nbconvert's own filter keeps ids."""
    return bleach.clean(str(html), tags=OUTPUT_TAGS, attributes={"a": _keeps_link})


@lru_cache(maxsize=4096)
def highlighted(source: str, language: str) -> str:
    """Turn code into HTML."""
    if len(source) > LONGEST:
        return f"<pre>{escape(source)}</pre>"
    return Highlight2HTML()(source, language)


def _beside(context: Context, cell: NotebookNode) -> str:
    """Give the master's answer to what a person grades, in formgrader alone."""
    settings = cell.get("metadata", {}).get("nbgrader", {})
    resources = context.get("resources") or {}
    by_hand = settings.get("task") or (settings.get("grade") and settings.get("solution"))
    if not by_hand or "submission_id" not in resources:
        return ""
    answer = model_answer(resources["assignment_id"], settings["grade_id"], Course.here())
    is_code = cell.cell_type == "code"
    shown = highlighted(answer, "python") if is_code else render_markdown(answer)
    return f"<details><summary>Model answer and marking, for you alone</summary>{shown}</details>"


def _without_open_scores(html: str, waiting: Iterable[str]) -> str:
    """Say "not graded yet" where nbgrader's template has a score that waits for a person."""
    for name in map(re.escape, waiting):
        for before in (rf'<a href="#{name}">[^<]*</a> \(', rf'<a name="{name}"></a>.*?'):
            pattern = rf"({before})Score: [-\d.]+ / "
            html = re.sub(pattern, r"\1not graded yet, of ", html, count=1, flags=re.DOTALL)
    return html


class _Renderer(IPythonRenderer):
    """Nbconvert's Markdown, without anchors at headings, with a word where a picture is not shown."""

    def __init__(self, pictures: dict[str, str]) -> None:
        super().__init__(escape=False, allow_harmful_protocols=False, exclude_anchor_links=True)
        self.pictures = pictures

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        address = self.pictures.get(url.removeprefix("attachment:"), url)
        if _keeps_picture("img", "src", address):
            return f'<img src="{escape(address)}" alt="{escape(text)}" />'
        return f"<em>[no picture {escape(url[:100])} is attached to this cell]</em>"


def _keeps_link(tag: str, name: str, value: str) -> bool:
    return name == "href" and _scheme(value) in ("http", "https", "mailto")


def _keeps_picture(tag: str, name: str, value: str) -> bool:
    if name == "src":
        kind, _, data = value.partition(";base64,")
        return is_picture(kind.removeprefix("data:"), data)
    return name in ("alt", "title")


def _scheme(address: str) -> str:
    try:
        return urlsplit(address.strip()).scheme
    except ValueError:
        return ""
