"""How a verdict is shown: a compact table in JupyterLab, plain text in a terminal."""

import html

from dlarch.verdict import Row, Verdict

MIME_TYPE = "application/vnd.dlarch.verdict+json"
_COLOURS = {"pass": "#1a7f37", "missing": "#6e7781"}
_WORDS = {"pass": "passed", "missing": "not written yet"}


class Report:
    """A verdict that Jupyter shows as a table and a terminal as text."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        return {
            "text/plain": text(self.verdict),
            "text/html": table(self.verdict),
            MIME_TYPE: self.verdict.to_json(),
        }

    def __repr__(self) -> str:
        return text(self.verdict)


def headline(verdict: Verdict) -> str:
    """Give one line: what was checked, how it ended, and the points."""
    word = _WORDS.get(verdict.status, "not right yet")
    return f"{verdict.id}: {word} ({verdict.points:g} of {verdict.max_points:g} points)"


def text(verdict: Verdict) -> str:
    """Give the verdict as plain text."""
    lines = [f"{'✓' if verdict.status == 'pass' else '✗'} {headline(verdict)}"]
    width = max((len(row.output) for row in verdict.rows), default=0)
    for row in verdict.rows:
        mark = "✓" if row.passed else "✗"
        lines.append(f"  {mark} {row.output:<{width}}  {row.shape}  {_error(row)}".rstrip())
    if verdict.message:
        lines.append(f"  {verdict.message}")
    if verdict.section:
        lines.append(f"  See {verdict.section}")
    return "\n".join(lines)


def table(verdict: Verdict) -> str:
    """Give the verdict as HTML with no script and nothing from the learner unescaped.

    The tags are those that sanitised feedback pages keep; styles are lost there, the words are not.
    """
    colour = _COLOURS.get(verdict.status, "#cf222e")
    parts = [
        f'<div style="border-left:4px solid {colour};padding:2px 10px;margin:4px 0">',
        f'<strong style="color:{colour}">{html.escape(headline(verdict))}</strong>',
    ]
    if verdict.message:
        parts.append(f'<div style="margin:4px 0;max-width:46em">{html.escape(verdict.message)}')
        if verdict.section:
            parts.append(f" <em>See {html.escape(verdict.section)} in the book.</em>")
        parts.append("</div>")
    if verdict.rows:
        heads = ("", "output", "shape", "largest error", "tolerance", "worst case")
        rows = [[f"<strong>{head}</strong>" for head in heads], *map(_html_cells, verdict.rows)]
        lines = "".join(f"<tr>{''.join(map(_html_cell, cells))}</tr>" for cells in rows)
        parts.append(f'<table style="margin:4px 0;font-size:90%">{lines}</table>')
    parts.append("</div>")
    return "".join(parts)


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
