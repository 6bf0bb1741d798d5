"""What a chapter lacks: each thing that was forgotten, with the file it belongs in and the remedy.

A chapter is an exercise package, a master, a page, two lines of _toc.yml, a card on the index page; an
exercise is a check cell for each part, a box on the page and a line in the page's table of points.
"""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import yaml
from nbformat import NotebookNode

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import Course
from autograder.exercise import Exercise
from autograder.forms import TITLES

BOX = re.compile(r"^:{3,}\{exercise\} (.+)\n(?::form: (\w+)$)?", re.MULTILINE)
AFTER = re.compile(r"^:{3,}\{after\} (\w+)$", re.MULTILINE)
ROW = re.compile(r"^\| (`.+?) \|(?:.*\|)? ([\d +]+) \|$", re.MULTILINE)
TASK = re.compile(r"\*\*Task \(([^)]*)\)")


@dataclass(frozen=True)
class Lack:
    """Something that is not there."""

    path: Path
    """The file that should have it."""
    what: str
    """What is missing, and the remedy."""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def lacks(course: Course, chapters: tuple[str, ...] = CHAPTERS) -> list[Lack]:
    """List all that chapters lack.

    Args:
        course: where its files are.
        chapters: stems.
    """
    found = [lack for stem in chapters for lack in _chapter(stem, course.root)]
    return found + list(_figures(course.root)) + list(_errata(course.root, chapters))


def lacks_of_release(stem: str, course: Course) -> list[Lack]:
    """List what keeps one chapter from being released: package, master, cells."""
    return list(_sources(stem, course.root)) or list(_cells(stem, course.root))


def _sources(stem: str, root: Path) -> Iterator[Lack]:
    slug = stem.split("_", 1)[1]
    if importlib.util.find_spec(f"autograder.exercises.{slug}") is None:
        path = Path("autograder", "exercises", slug, "__init__.py")
        yield Lack(path, f"there is no such package: `autograder new chapter {stem}` makes it")
    master = Path("solutions", f"{stem}.py")
    if not (root / master).is_file():
        yield Lack(master, f"there is no master: `autograder new chapter {stem}` makes one")


def _chapter(stem: str, root: Path) -> Iterator[Lack]:
    sources = list(_sources(stem, root))
    yield from sources
    if not sources:
        yield from _cells(stem, root)
    page = Path("book", f"{stem}.md")
    if not (root / page).is_file():
        yield Lack(page, f"there is no page: `autograder new chapter {stem}` makes one")
    elif not sources:
        yield from _page(stem, page, (root / page).read_text(encoding="utf-8"))
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = {chapter["file"] for part in toc["parts"] for chapter in part["chapters"]}
    for file in (f"book/{stem}", f"notebooks/{stem}/{stem}"):
        if file not in listed:
            yield Lack(Path("_toc.yml"), f"add `- file: {file}`, or it is not on the site")
    index = Path("book", "index.md")
    if f":link: {stem}\n" not in (root / index).read_text(encoding="utf-8"):
        yield Lack(index, f"add a card with `:link: {stem}`")


def _cells(stem: str, root: Path) -> Iterator[Lack]:
    path = Path("solutions", f"{stem}.py")
    notebook = jupytext.read(root / path, fmt="py:percent")
    cells = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell.metadata for cell in notebook.cells
    }
    checks = set()
    for exercise in load_chapter(stem).exercises.values():
        remedy = f"`autograder cells {stem} {exercise.name}` prints it"
        if exercise.name not in cells:
            yield Lack(path, f"the answer cell {exercise.name!r} is missing: {remedy}")
        for name, part in exercise.parts.items():
            grade_id = f"test_{exercise.name}_{name}" if name else f"test_{exercise.name}"
            checks.add(grade_id)
            if grade_id not in cells:
                yield Lack(path, f"the check cell {grade_id!r} is missing: {remedy}")
            elif cells[grade_id]["nbgrader"].get("points") != part.points:
                yield Lack(
                    path,
                    f"{grade_id!r} has other points than the {part.points:g} declared: {remedy}",
                )
    yield from _tasks(path, notebook, checks)


def _tasks(path: Path, notebook: NotebookNode, checks: set[str]) -> Iterator[Lack]:
    """Compare the points that a task promises with those of the exercises' check cells below it, if any."""
    promised: float | None = None
    counted, title = 0.0, ""
    for cell in [*notebook.cells, None]:
        task = TASK.search(cell.source) if cell and cell.cell_type == "markdown" else None
        if cell is None or task:
            if promised is not None and counted not in (0, promised):
                yield Lack(
                    path,
                    f"a task says {title!r}, its check cells have {counted:g} points: make them agree",
                )
            promised, counted, title = None, 0.0, ""
        if task:
            title = f"Task ({task[1]})"
            numbers = [int(number) for number in re.findall(r"\d+", task[1])]
            whole_first = re.match(r"\d+ points?[:,]", task[1])
            promised = float(numbers[0] if whole_first else sum(numbers))
        settings = cell.metadata.get("nbgrader", {}) if cell else {}
        if settings.get("grade_id") in checks:
            counted += settings["points"]


def _page(stem: str, path: Path, text: str) -> Iterator[Lack]:
    exercises = load_chapter(stem).exercises
    boxed = {name.strip(): form for names, form in BOX.findall(text) for name in names.split(",")}
    for name in boxed:
        if name not in exercises:
            yield Lack(path, f"the box {{exercise}} {name} names no exercise of {stem}")
    for name, exercise in exercises.items():
        form = exercise.form if exercise.form in TITLES else ""
        if name not in boxed:
            yield Lack(path, f"add a box `:::{{exercise}} {name}`")
        elif boxed[name] != form:
            wanted = f"a line `:form: {form}`" if form else "no line `:form:`"
            yield Lack(path, f"the box of {name} should have {wanted}: that is its form")
        if (form == "derive") != (name in AFTER.findall(text)):
            yield Lack(path, f"what `:::{{after}} {name}` folds away belongs to the form 'derive'")
    yield from _table(path, text, exercises)


def _table(path: Path, text: str, exercises: dict[str, Exercise]) -> Iterator[Lack]:
    """Compare the table of points with the declarations."""
    listed: list[str] = []
    for names, points in ROW.findall(text):
        functions = [name for name in re.findall(r"`(\w+)`", names) if name in exercises]
        if not functions:
            continue
        listed += functions
        declared = [
            sum(part.points for part in exercises[name].parts.values()) for name in functions
        ]
        said = sum(map(int, re.findall(r"\d+", points)))
        if said != sum(declared):
            right = " + ".join(f"{value:g}" for value in declared)
            yield Lack(path, f"the table gives {points} points to {', '.join(functions)}: {right}")
    for name in exercises:
        if listed.count(name) != 1:
            yield Lack(
                path, f"the table of points names {name} {listed.count(name)} times, not once"
            )


def _figures(root: Path) -> Iterator[Lack]:
    from dlarch.figures import FIGURES

    readme = Path("dlarch", "figures", "README.md")
    rows = re.findall(r"^\| `(\w+)` \|", (root / readme).read_text(encoding="utf-8"), re.MULTILINE)
    for name in FIGURES:
        if name not in rows:
            yield Lack(readme, f"add a line for the figure {name} to the table")


def _errata(root: Path, chapters: tuple[str, ...]) -> Iterator[Lack]:
    path = Path("book", "errata.md")
    files = [root / "book" / f"{stem}.md" for stem in chapters]
    pages = "".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
    linked = set(re.findall(r"\(#(e\d\d)\)", pages))
    sections = re.split(
        r"^\(errata-(\d\d)\)=$", (root / path).read_text(encoding="utf-8"), flags=re.M
    )
    written = {stem[:2] for stem in chapters}
    for number, section in zip(sections[1::2], sections[2::2], strict=True):
        for erratum in re.findall(r"^\((e\d\d)\)=$", section, re.MULTILINE):
            if number in written and erratum not in linked:
                yield Lack(
                    path, f"no page links {erratum.upper()}: say it where the page teaches it"
                )
