"""Notebooks that were saved as scripts or Markdown: jupytext reads them."""

import re
import warnings

from dlarch.importer.errors import UnreadableError
from dlarch.importer.limits import MAX_SCRIPT

FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
PYTHON = re.compile(r"^(# ?%%|# ?\+|def |class |import |from \w[\w.]* import |@)", re.MULTILINE)
DATABRICKS = "# Databricks notebook source"
COMMAND = re.compile(r"^# COMMAND -+\s*$", re.MULTILINE)
NUMBERED = re.compile(r"^# In ?\[[ \d]*\]:?\s*$", re.MULTILINE)
"""What nbconvert writes above each cell."""


def read_script(text: str) -> list[dict]:
    """Give the cells of a notebook in one of jupytext's formats.

    Raises:
        UnreadableError: it is a text of another kind.
    """
    if len(text) > MAX_SCRIPT:
        raise UnreadableError("is a text too long for a notebook, and no JSON")
    python = PYTHON.search(text)
    if not python:
        raise UnreadableError(
            "is neither a notebook's JSON nor a Python or Markdown script made from a notebook",
            text,
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fenced = FENCE.search(text)
    extension = ".md" if fenced and not re.search(r"^# ?%%", text, re.MULTILINE) else ".py"
    if extension == ".md" and re.search(r"^```\{(python|r)\b", text, re.MULTILINE):
        extension = ".Rmd"
    if text.lstrip().startswith(DATABRICKS):
        text = _from_databricks(text)
    elif extension == ".py" and NUMBERED.search(text):
        text = NUMBERED.sub("# %%", text)
    try:
        import jupytext
        from jupytext.formats import guess_format

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            name, _ = guess_format(text, extension)
            form = {"extension": extension, **({"format_name": name} if name else {})}
            notebook = jupytext.reads(text, form)
    except Exception as error:
        raise UnreadableError(f"is a script that jupytext cannot read: {error}", text) from None
    return [
        {
            "cell_type": cell.cell_type,
            "source": cell.source,
            "metadata": dict(cell.metadata),
            "id": cell.metadata.get("id", ""),
        }
        for cell in notebook.cells
    ]


def _from_databricks(text: str) -> str:
    """Turn Databricks' source format into jupytext's percent format."""
    cells = []
    for cell in COMMAND.split(text.replace(DATABRICKS, "", 1)):
        lines = cell.strip().split("\n")
        if lines[0].startswith("# MAGIC %md"):
            lines[0] = lines[0].replace("%md", "", 1)
            lines = ["# " + re.sub(r"^# MAGIC ?", "", line).rstrip() for line in lines]
            cells.append("\n".join(["# %% [markdown]", *lines]))
        else:
            cells.append("\n".join(["# %%", *(re.sub(r"^# MAGIC ", "", line) for line in lines)]))
    return "\n\n".join(cells)
