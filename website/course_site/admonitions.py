"""The boxes of a chapter page: opening, worked example, pitfall, correction of a lecture, exercise, and
what is folded away until an exercise is done."""

import re
from pathlib import Path, PurePosixPath
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.forms import TITLES
from course_site.notebooks import answered_functions


class Box(SphinxDirective):
    """An admonition whose title starts with a fixed word and goes on with the directive's argument."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    kind: str
    word: str

    def title(self) -> str:
        """Return the title in MyST."""
        return f"{self.word}: {self.arguments[0]}" if self.arguments else self.word

    def run(self) -> list[nodes.Node]:
        """Return the box with its title and content."""
        self.assert_has_content()
        box = nodes.admonition(classes=[self.kind, f"admonition-{self.kind}"])
        self.set_source_info(box)
        text, messages = self.state.inline_text(self.title(), self.lineno)
        box += [nodes.title(self.title(), "", *text), *messages]
        self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


class Opening(Box):
    """What a chapter gives, needs and follows."""

    kind, word = "opening", "This chapter"


class Worked(Box):
    """An example with numbers that can be followed by hand."""

    kind, word = "worked", "Worked example"


class Pitfall(Box):
    """The mistake everyone makes once."""

    kind, word = "pitfall", "Pitfall"


class Correction(Box):
    """What a lecture says, and what holds."""

    kind, word = "correction", "Correction"


class ExerciseBox(Box):
    """A pointer to graded functions: the argument names them, the page's stem finds the notebook."""

    kind, word = "exercise", "Exercise"
    required_arguments, optional_arguments = 1, 0
    option_spec: ClassVar = {"form": lambda text: directives.choice(text, tuple(TITLES))}

    def title(self) -> str:
        """Return the title: what is asked, with the functions' names as code."""
        functions = (name.strip() for name in self.arguments[0].split(","))
        word = TITLES.get(self.options.get("form"), self.word)
        return f"{word}: " + ", ".join(f"`{name}`" for name in functions)

    def run(self) -> list[nodes.Node]:
        """Return the box with a link to the notebook as its last line."""
        (box,) = super().run()
        stem = PurePosixPath(self.env.docname).name
        path = f"notebooks/{stem}/{stem}.ipynb"
        function = self.arguments[0].split(",")[0].strip()
        notebook = Path(self.env.srcdir, path)
        asked = notebook.is_file() and function in answered_functions(notebook)
        link = f"[Do it in the notebook](../{path}{f'#task-{function}' if asked else ''})"
        self.state.nested_parse(StringList(["", link], "exercise"), self.content_offset, box)
        return [box]


class After(SphinxDirective):
    """A derivation that gives an exercise away: folded, to be opened when its check is passed."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a dropdown that is closed at first."""
        self.assert_has_content()
        longest = max(
            len(fence) for fence in re.findall(r":{3,}", "\n".join([*self.content, ":::"]))
        )
        fence = ":" * (longest + 1)
        title = f"{fence}{{dropdown}} After your check of `{self.arguments[0]}`"
        text = StringList(
            [title, ":class-container: after", "", *self.content, fence],
            source=self.get_source_info()[0],
        )
        box = nodes.Element()
        self.state.nested_parse(text, self.content_offset, box)
        return box.children


def setup(app: Sphinx) -> None:
    """Register each box under its kind."""
    for box in (Opening, Worked, Pitfall, Correction, ExerciseBox):
        app.add_directive(box.kind, box)
    app.add_directive("after", After)
