"""Markdown, code and HTML of learners made into HTML in which nothing acts.

Formatters take minutes for texts that are written for that, so `limited` does it.
"""

from html import escape
from urllib.parse import urlsplit

import bleach
from mistune import import_plugin
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from dlarch.importer.pictures import is_picture

OUTPUT_TAGS = {*bleach.ALLOWED_TAGS, "div", "pre", "span", "table", "tbody", "td", "tr"}
MARKDOWN_TAGS = {
    *OUTPUT_TAGS, "br", "dd", "del", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "p",
    "sub", "sup", "th", "thead",
}  # fmt: skip
PLUGINS = ("strikethrough", "table", "url", "def_list")
"""Nbconvert's for Markdown, without the boxes of task lists."""


def markdown(source: str, pictures: list[list[str]]) -> str:
    """Turn Markdown into HTML without ids, classes, names, styles or foreign pictures.

    Args:
        source: the text of a cell, perhaps a learner's.
        pictures: what is attached to the cell: name, and address with the data in it.
    """
    plugins = [import_plugin(name) for name in PLUGINS]
    attributes = {"a": _keeps_link, "abbr": ["title"], "img": _keeps_picture}
    protocols = {"http", "https", "mailto", "data"}
    html = MarkdownWithMath(_Renderer(dict(pictures)), plugins=plugins).render(source)
    return bleach.clean(html, tags=MARKDOWN_TAGS, attributes=attributes, protocols=protocols)


def code(source: str, language: str) -> str:
    """Turn code into HTML with colours."""
    return Highlight2HTML()(source, language)


def clean(html: str) -> str:
    """Sanitise HTML outputs; nbconvert's own filter keeps ids."""
    return bleach.clean(html, tags=OUTPUT_TAGS, attributes={"a": _keeps_link})


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
