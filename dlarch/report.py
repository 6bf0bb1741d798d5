"""How a verdict is shown: a compact table in JupyterLab, plain text in a terminal."""

import html
import re

from dlarch.verdict import Row, Verdict

MIME_TYPE = "application/vnd.dlarch.verdict+json"
_COLOURS = {"pass": "#1a7f37", "missing": "#6e7781"}
_WORDS = {"pass": "passed", "missing": "not written yet"}


class Report:
    """A verdict that Jupyter shows as a table and a terminal as text."""

    def __init__(self, verdict: Verdict, book: str = "") -> None:
        self.verdict, self.book = verdict, book

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        return {
            "text/plain": text(self.verdict),
            "text/html": table(self.verdict, self.book),
            MIME_TYPE: self.verdict.to_json(),
        }

    def __repr__(self) -> str:
        return text(self.verdict)


def headline(verdict: Verdict) -> str:
    """Give one line: what was checked, how it ended, and the points."""
    word = _WORDS.get(verdict.status, "not right yet")
    points = "point" if verdict.max_points == 1 else "points"
    return f"{verdict.id}: {word} ({verdict.points:g} of {verdict.max_points:g} {points})"


def text(verdict: Verdict) -> str:
    """Give the verdict as plain text."""
    lines = [f"{'✓' if verdict.status == 'pass' else '✗'} {headline(verdict)}"]
    width = max((len(row.output) for row in verdict.rows), default=0)
    for row in verdict.rows:
        mark = "✓" if row.passed else "✗"
        lines.append(f"  {mark} {row.output:<{width}}  {row.shape}  {_error(row)}".rstrip())
    if message := _message(verdict):
        lines.append(f"  {message}")
    if verdict.section:
        lines.append(f"  See {verdict.section}")
    lines += [f"  Take care: {note}" for note in verdict.notes]
    return "\n".join(lines)


def table(verdict: Verdict, book: str = "") -> str:
    """Give the verdict as HTML with no script and nothing from the learner unescaped.

    The tags are those that sanitised feedback pages keep; styles are lost there, the words are not. Text
    has the page's own colour, so that it can be read on light and on dark.

    Args:
        verdict: what to show.
        book: address of the book's pages, ending in `/`; without one, a section is named and not linked.
    """
    colour = _COLOURS.get(verdict.status, "#cf222e")
    mark = "✓" if verdict.status == "pass" else "✗"
    parts = [
        f'<div style="border-left:4px solid {colour};padding:2px 10px;margin:4px 0">',
        f"<strong>{mark} {html.escape(headline(verdict))}</strong>",
    ]
    if message := _message(verdict):
        parts.append(f'<div style="margin:4px 0;max-width:46em">{_prose(message)}')
        if verdict.section:
            parts.append(f" <em>{_reference(verdict.section, book)}</em>")
        parts.append("</div>")
    for note in verdict.notes:
        parts.append('<div style="margin:4px 0;max-width:46em"><strong>Take care:</strong> ')
        parts.append(f"{_prose(note)}</div>")
    if verdict.rows:
        heads = ("", "output", "shape", "error", "tolerance", "case")
        rows = [[f"<strong>{head}</strong>" for head in heads], *map(_html_cells, verdict.rows)]
        lines = "".join(f"<tr>{''.join(map(_html_cell, cells))}</tr>" for cells in rows)
        parts.append(f'<table style="margin:4px 0;font-size:90%">{lines}</table>')
    parts.append("</div>")
    return "".join(parts)


def points_table(verdicts: list[Verdict]) -> str:
    """Give many verdicts as HTML: one line each, and the sum."""
    heads = ("", "check", "points", "")
    rows = [[f"<strong>{head}</strong>" for head in heads]]
    for verdict in verdicts:
        mark = "✓" if verdict.status == "pass" else "✗"
        points = f"{verdict.points:g} of {verdict.max_points:g}"
        rows.append([mark, html.escape(verdict.id), points, _prose(verdict.message)])
    got, most = _sums(verdicts)
    rows.append(["", "<strong>together</strong>", f"<strong>{got:g} of {most:g}</strong>", ""])
    lines = "".join(f"<tr>{''.join(map(_html_cell, cells))}</tr>" for cells in rows)
    return f'<table style="margin:4px 0">{lines}</table>'


def points_text(verdicts: list[Verdict]) -> str:
    """Give many verdicts as plain text: one line each, and the sum."""
    lines = [f"{'✓' if item.status == 'pass' else '✗'} {headline(item)}" for item in verdicts]
    got, most = _sums(verdicts)
    return "\n".join([*lines, f"together: {got:g} of {most:g} points"])


def _message(verdict: Verdict) -> str:
    if verdict.given and verdict.status != "pass":
        return f"Not right yet, even given {verdict.given_right}. {verdict.message}"
    return verdict.message


def _sums(verdicts: list[Verdict]) -> tuple[float, float]:
    return sum(item.points for item in verdicts), sum(item.max_points for item in verdicts)


def _prose(text: str) -> str:
    """Escape a text and set what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _reference(section: str, book: str) -> str:
    page, _, anchor = section.partition("#")
    stem = page.removesuffix(".html")
    words = html.escape(anchor.replace("-", " "))
    named = f"See “{words}” in chapter {html.escape(stem)} of the book."
    if not book:
        return named
    ending = "html" if book.startswith("https://") else "md"
    address = html.escape(f"{book}{stem}.{ending}#{anchor}")
    return f'<a href="{address}" target="_blank">{named}</a>'


def _html_cell(content: str) -> str:
    return f'<td style="text-align:left">{content}</td>'


def _html_cells(row: Row) -> list[str]:
    mark = "✓ pass" if row.passed else "✗ fail"
    error = "" if row.error is None else f"{row.error:.2g}"
    limit = "" if row.limit is None else f"{row.limit:.2g}"
    return [html.escape(text) for text in (mark, row.output, row.shape, error, limit, row.case)]


def _error(row: Row) -> str:
    if row.error is None or row.limit is None:
        return row.message
    return f"error {row.error:.2g}, tolerance {row.limit:.2g}"
