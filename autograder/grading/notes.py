"""What is said to a learner above the feedback: what was done with the notebook, and what was not used."""

import re

import nbformat
from nbformat import NotebookNode

from dlarch.importer import Submission

MOST_TEXT = 20_000
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!$~&])")
RUN = re.compile(r"`+")
WAITS = (
    "*The notebook could not be read, so this answer waits for a person: "
    "what could be read of it stands at the top of this page.*"
)


def about(submission: Submission) -> list[NotebookNode]:
    """Give the cells that stand above the feedback; none where nothing is to be said.

    Args:
        submission: what was read, and what was made of it.
    """
    lines: list[str] = []
    if submission.failure:
        lines = ["## Your notebook could not be read", "", f"{plain(submission.failure)}."]
        lines += ["", "No answer in it has points so far. Written answers wait for a person."]
    elif submission.notes:
        lines = ["## What grading did with your notebook", ""]
    lines += ["", *(f"* {plain(note)}." for note in submission.notes)]
    texts = [submission.text]
    if submission.failure or submission.reasons:
        texts += [source for _, source in submission.extra]
    own = "\n\n".join(filter(None, texts))[:MOST_TEXT]
    if own:
        lines += ["", "**Your own text, which grading did not use**", "", fenced(own)]
    text = "\n".join(lines).strip()
    return [nbformat.v4.new_markdown_cell(text, id="about")] if text else []


def plain(text: str) -> str:
    """Give a text in which Markdown sees no marks."""
    return SPECIAL.sub(r"\\\1", text)


def fenced(text: str) -> str:
    """Give a text as a block of code, whatever it holds."""
    longest = max((len(run) for run in RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
