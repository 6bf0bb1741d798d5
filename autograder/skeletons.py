"""`autograder new`: the files, cells and sections of a new exercise or chapter, to be filled in.

What is still empty is said by the first run of the tests, and by `autograder missing`.
"""

import re
from pathlib import Path
from string import Template

import yaml

from autograder.cells import empty_cells
from autograder.course import Course
from autograder.forms import TITLES
from autograder.release import write_if_changed
from autograder.signature import parameters, results

EXERCISE = Template("""import numpy as np

from autograder.exercise import Exercise
from dlarch.plain import PlainData

$name = Exercise(
    "$name",
    signature="$signature",
    outputs=($outputs,),
    points=1,
$form    section="$stem.html#$label",
)


@$name.case("sizes that all differ")
def _(random) -> dict[str, PlainData]:
    raise NotImplementedError("draw the arguments: $arguments")


@$name.case("a batch of one, or another edge")
def _(random) -> dict[str, PlainData]:
    raise NotImplementedError("draw the arguments: $arguments")


@$name.case("large", secret=True)
def _(random) -> dict[str, PlainData]:
    raise NotImplementedError("draw the arguments: $arguments")


@$name.reference
def _($arguments):
    raise NotImplementedError("call the kernels where there is one")


@$name.mistake("what_was_done", "What was done, and why it is wrong; never the answer.")
def _($arguments):
    raise NotImplementedError("at least three mistakes that learners really make")


@$name.alternative
def in_another_way($arguments):
    raise NotImplementedError("at least two other right answers")
$slip""")

GIVEN = Template("""

$name.slip(
    "slip_that_is_given",
    "What is wrong; the check never says this one.",
    of="in_another_way",
    right="a text that stands there once, and in the master's answer",
    wrong="the slip",
)
""")

DECLARED = {
    "mend": 'gives=("slip_that_is_given",)',
    "derive": 'reveals=("LaTeX of the formula, as the page has it inside {after}",)',
}
"""What a form declares besides its name."""

SHOWN = Template("""

# %% tags=["demonstration"]
$call  # show what happens beside what was predicted
""")

AFTER = Template("""
:::{after} $name
The derivation, with the formula.
:::
""")

TASK = Template("""

# %% [markdown]
# ## $title
#
# **Task (1 point).**
# Write `$call`: shapes, conventions, what is not allowed.

$cells
$shown""")

SECTION = Template("""($label)=
## $title

A question first; then the idea, its derivation, an example with numbers.

:::{exercise} $name
${option}What it computes, and why it matters.
:::
$after
""")

CHAPTER = Template('''"""Exercises of chapter $number: say what they are about."""

from autograder.exercise import Chapter

chapter = Chapter("$stem", ())
''')

MASTER = Template("""# %% [markdown]
# # $number $title
#
# What is built here, and why.
# The chapter [$title](../../book/$stem.md) explains the theory.

# %%
import numpy as np

from dlarch import check
""")

PAGE = Template("""($slug)=
# $title

:::{opening}
You will be able to
: say what.

You need first
: say which chapters.

It follows
: the lectures; the [table at the end](#$slug-lectures) says which slides are where.

You will build
: [the notebook](../notebooks/$stem/$stem.ipynb).
:::

($slug-motive)=
## A question

A motive and a picture first.

## Exercises

| function | what you build | points |
|---|---|---|

($slug-lectures)=
## Where the lectures treat it

| section | lecture and slide | corrected here |
|---|---|---|
""")

CARD = Template("""
:::{grid-item-card} $number $title
:link: $stem
:link-type: doc

What one can do after it.
:::
""")


class NotNewError(ValueError):
    """What should be made is there already, or cannot be made from what was given."""


def new_exercise(stem: str, signature: str, course: Course, form: str = "write") -> list[Path]:
    """Write the skeleton of an exercise.

    Args:
        stem: the chapter's stem.
        signature: as the task states it, `name(x: (N, D) float64) -> y: (N,) float64`.
        course: where its files are.
        form: what is asked, one of `autograder.forms.FORMS`.

    Returns:
        The files that were written or changed.

    Raises:
        NotNewError: the exercise is there already, or the signature cannot be read.
    """
    try:
        arguments = parameters(signature)
    except ValueError as error:
        raise NotNewError(str(error)) from None
    name, slug = signature.split("(", 1)[0], stem.split("_", 1)[1]
    package = course.root / "autograder" / "exercises" / slug
    module = package / f"{name}.py"
    if module.exists():
        raise NotNewError(f"{module.relative_to(course.root)} is there already")
    label = f"{slug}-{name.lower().replace('_', '-')}"
    words = {
        "name": name, "stem": stem, "label": label, "signature": signature.replace('"', '\\\\"'),
        "arguments": ", ".join(arguments), "title": name.replace("_", " ").capitalize(),
        "outputs": ", ".join(f'"{result}"' for result in results(signature)),
        "call": f"{name}({', '.join(arguments)})",
    }  # fmt: skip
    declared = [f'form="{form}"'] if form != "write" else []
    declared += [DECLARED[form]] if form in DECLARED else []
    words["form"] = "".join(f"    {line},\n" for line in declared)
    words["option"] = f":form: {form}\n" if form in TITLES else ""
    words["slip"] = GIVEN.substitute(words) if form == "mend" else ""
    words["shown"] = SHOWN.substitute(words) if form == "predict" else ""
    words["after"] = AFTER.substitute(words) if form == "derive" else ""
    words["cells"] = empty_cells(name, signature, {"": 1})
    master, page = course.solutions / f"{stem}.py", course.root / "book" / f"{stem}.md"
    module.write_text(EXERCISE.substitute(words), encoding="utf-8")
    listed = _listed((package / "__init__.py").read_text(encoding="utf-8"), slug, name)
    (package / "__init__.py").write_text(listed, encoding="utf-8")
    master.write_text(master.read_text(encoding="utf-8").rstrip() + TASK.substitute(words))
    page.write_text(_with_section(page.read_text(encoding="utf-8"), words), encoding="utf-8")
    return [module, package / "__init__.py", master, page]


def new_chapter(stem: str, course: Course) -> list[Path]:
    """Write the skeleton of a chapter.

    Args:
        stem: `NN_slug`.
        course: where its files are.

    Returns:
        The files that were written or changed.

    Raises:
        NotNewError: it is there already, or the stem is none.
    """
    if not re.fullmatch(r"\d\d_[a-z][a-z_]*", stem):
        raise NotNewError(f"expected a stem like 08_cnn_architectures, got {stem!r}")
    number, slug = stem.split("_", 1)
    title = slug.replace("_", " ").capitalize()
    words = {"stem": stem, "slug": slug.replace("_", "-"), "number": int(number), "title": title}
    root = course.root
    made = {
        root / "autograder" / "exercises" / slug / "__init__.py": CHAPTER.substitute(words),
        course.solutions / f"{stem}.py": MASTER.substitute(words),
        root / "book" / f"{stem}.md": PAGE.substitute(words),
    }
    present = [path for path in made if path.exists()]
    if present:
        raise NotNewError(f"{present[0].relative_to(root)} is there already")
    for path, text in made.items():
        write_if_changed(path, text.encode())
    chapters, index, toc = (
        root / "autograder" / "chapters.py", root / "book" / "index.md", root / "_toc.yml",
    )  # fmt: skip
    _insert(chapters, r'^    "(\d\d)_\w+",\n', number, f'    "{stem}",\n')
    card = CARD.substitute(words).lstrip("\n") + "\n"
    _insert(index, r"^:::\{grid-item-card\} (\d+) [\s\S]*?^:::\n\n?", number, card)
    lines = f'      - file: book/{stem}\n        title: "{int(number)} {title}"\n'
    lines += f'      - file: notebooks/{stem}/{stem}\n        title: "Notebook {int(number)}"\n'
    _insert(toc, r"^      - file: notebooks/(\d\d)_\w+/\w+\n        title: .*\n", number, lines)
    yaml.safe_load(toc.read_text(encoding="utf-8"))
    return [*made, chapters, index, toc]


def _listed(text: str, slug: str, name: str) -> str:
    """Import the exercise in the chapter's module, and list it last."""
    imports = f"from autograder.exercises.{slug}.{name} import {name}\n"
    head, chapter = text.rstrip().split("\nchapter = ")
    stem = re.search(r'"(\w+)"', chapter)[1]
    names = re.findall(r"\w+", chapter.split(",", 1)[1])
    listed = "".join(f"        {other},\n" for other in [*names, name])
    return (
        f'{head.rstrip()}\n{imports}\nchapter = Chapter(\n    "{stem}",\n    (\n{listed}    ),\n)\n'
    )


def _with_section(text: str, words: dict[str, str]) -> str:
    """Put the section before the exercises, and a line into the table of points."""
    section = SECTION.substitute(words)
    place = text.index("## Exercises")
    text = text[:place] + section + text[place:]
    rows = list(re.finditer(r"^\|.*\|$\n", text[place + len(section) :], re.MULTILINE))
    end = place + len(section) + rows[0].start()
    while text[end] == "|":
        end = text.index("\n", end) + 1
    columns = text[place + len(section) + rows[0].start() :].split("\n", 1)[0].count("|") - 1
    what = " what you build |" if columns == 3 else ""
    return f"{text[:end]}| `{words['name']}` |{what} 1 |\n{text[end:]}"


def _insert(path: Path, pattern: str, number: str, lines: str) -> None:
    """Insert lines after the last entry of an earlier chapter, or before the first entry."""
    text = path.read_text(encoding="utf-8")
    entries = list(re.finditer(pattern, text, re.MULTILINE))
    earlier = [entry.end() for entry in entries if int(entry[1]) < int(number)]
    place = earlier[-1] if earlier else entries[0].start()
    path.write_text(text[:place] + lines + text[place:], encoding="utf-8")
