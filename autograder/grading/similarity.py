"""Answers of two learners that are alike beyond what is likely: a hint to look at them, never a verdict.

Answers are compared by their syntax: comments, layout, docstrings, numbers and the names of local variables
do not count. Fingerprints are chosen by winnowing; the likely ones do not count either: those of the stub,
the master's answer, the exercise's alternatives and known mistakes, and what many of the class have.
Source: Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", 2003.
"""

import ast
import inspect
import json
import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from autograder.chapters import load_chapter
from autograder.course import Course
from autograder.exercise import Exercise
from autograder.grading.assignment import read_assignment

LENGTH = 12
"""Tokens of one fingerprint: shorter passages are never found."""
WINDOW = 6
"""Of so many fingerprints in a row one is kept: passages of LENGTH + WINDOW − 1 tokens are always found."""
FEWEST = 8
"""Fingerprints that two answers must share."""
SHARE = 0.6
"""Of the unlikely fingerprints of the shorter answer, the part that must be shared.

Two alternatives of one exercise, written apart, share at most 5 where they share this part, and half where
they share 8; a test looks at each pair of every chapter.
"""
FEW = 8
"""Learners who may have a fingerprint before it counts as likely, in a class of any size."""
MANY = 0.05
"""The part of a larger class that may have it."""


@dataclass(frozen=True)
class Similar:
    """Two learners with answers that are alike."""

    learners: tuple[str, str]
    exercises: dict[str, float]
    """The part of the shorter answer that is shared, by exercise."""
    shared: int
    """Fingerprints that they share, of all exercises together."""


def similar_answers(chapter: str, course: Course) -> list[Similar]:
    """Compare the answers of all who were graded, most alike first.

    Args:
        chapter: the chapter's stem.
        course: where its files are; read is what grading wrote under autograded/.
    """
    answers: dict[str, dict[str, str]] = {}
    for path in sorted((course.classroom / "autograded").glob(f"*/{chapter}/{chapter}.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        answers[path.parent.parent.name] = {
            cell["metadata"].get("nbgrader", {}).get("grade_id", ""): "".join(cell["source"])
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
        }
    return compare(answers, likely(chapter, course))


def likely(chapter: str, course: Course) -> dict[str, frozenset[int]]:
    """Give, for each exercise, the fingerprints of what many would write by themselves."""
    assignment = read_assignment(chapter, course)
    stubs = {cell.id: cell.source for cell in assignment.of("answer")}
    source = course.source / chapter / f"{chapter}.ipynb"
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    master = {cell["id"]: "".join(cell["source"]) for cell in cells}
    return {
        name: frozenset(
            print_
            for text in (stubs.get(name, ""), master.get(name, ""), *known_answers(exercise))
            for print_ in fingerprints(text)
        )
        for name, exercise in load_chapter(chapter).exercises.items()
    }


def known_answers(exercise: Exercise) -> Iterator[str]:
    """Give the sources of an exercise's reference, alternatives and mistakes, and of what they call."""
    home = Path(inspect.getfile(exercise.reference_answer))
    yield from {path.read_text(encoding="utf-8") for path in (home, home.parent / "shared.py")}
    for mistake in exercise.mistakes:
        yield from map(exercise.edited, mistake.edits)


def compare(answers: dict[str, dict[str, str]], likely: dict[str, frozenset[int]]) -> list[Similar]:
    """Compare answers of a class.

    Args:
        answers: sources by learner and exercise.
        likely: fingerprints that do not count, by exercise.

    Returns:
        The pairs that share more than is likely, most alike first.
    """
    most = max(FEW, MANY * len(answers))
    shares: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for exercise, known in likely.items():
        prints = {
            learner: fingerprints(own[exercise]) - known
            for learner, own in answers.items()
            if exercise in own
        }
        whose = defaultdict(list)
        for learner, found in prints.items():
            for one in found:
                whose[one].append(learner)
        common = {one for one, learners in whose.items() if len(learners) > most}
        shared: dict[tuple[str, str], int] = defaultdict(int)
        for one in whose.keys() - common:
            for pair in combinations(whose[one], 2):
                shared[pair] += 1
        for pair, count in shared.items():
            least = min(len(prints[learner] - common) for learner in pair)
            if count >= FEWEST and count >= SHARE * least:
                shares[pair][exercise] = count / least
                counts[pair] += count
    found = [Similar(pair, exercises, counts[pair]) for pair, exercises in shares.items()]
    return sorted(found, key=lambda item: (-item.shared, item.learners))


@cache
def fingerprints(source: str) -> frozenset[int]:
    """Choose the fingerprints of an answer; none of one that is no Python."""
    hashes = [
        zlib.crc32(" ".join(gram).encode())
        for gram in zip(*(tokens(source)[i:] for i in range(LENGTH)), strict=False)
    ]
    windows = (hashes[i : i + WINDOW] for i in range(max(len(hashes) - WINDOW + 1, 1)))
    return frozenset(min(window) for window in windows if window)


@cache
def tokens(source: str) -> tuple[str, ...]:
    """Write the syntax of functions and classes as a row of words, without what is easily changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
    try:
        return tuple(_words(tree, frozenset()))
    except RecursionError:
        return ()


def _free_names(code: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """List the names in a function or class that its writer chose: the task names its parameters alone."""
    for node in (node for statement in code.body for node in ast.walk(statement)):
        match node:
            case ast.Name(name, ast.Store()) | ast.arg(name) | ast.FunctionDef(name):
                yield name


def _words(node: ast.AST, local: frozenset[str]) -> Iterator[str]:
    match node:
        case ast.Name(name):
            yield "local" if name in local else name
            return
        case ast.Constant(value):
            yield "text" if isinstance(value, str) else "number"
            return
        case ast.Attribute(value, name):
            yield f".{name}"
            yield from _words(value, local)
            return
        case ast.Expr(ast.Constant(str())) | ast.Import() | ast.ImportFrom() | ast.expr_context():
            return
        case ast.arguments():
            yield f"{len(node.args)} arguments"
            return
        case ast.FunctionDef() | ast.ClassDef():
            yield type(node).__name__
            yield from _each(node.body, local.union(_free_names(node)))
            return
        case ast.Expr() | ast.Module():
            pass
        case _:
            yield type(node).__name__
    yield from _each(ast.iter_child_nodes(node), local)


def _each(nodes: Iterable[ast.AST], local: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        yield from _words(node, local)
