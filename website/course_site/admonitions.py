"""The boxes of a chapter page: opening, worked example, pitfall, correction of a lecture, exercise."""

from pathlib import PurePosixPath

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


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


class Exercise(Box):
    """A pointer to graded functions: the argument names them, the page's stem finds the notebook."""

    kind, word = "exercise", "Exercise"
    required_arguments, optional_arguments = 1, 0

    def title(self) -> str:
        """Return the title with the functions' names as code."""
        functions = (name.strip() for name in self.arguments[0].split(","))
        return f"{self.word}: " + ", ".join(f"`{name}`" for name in functions)

    def run(self) -> list[nodes.Node]:
        """Return the box with a link to the notebook as its last line."""
        (box,) = super().run()
        stem = PurePosixPath(self.env.docname).name
        link = f"[Do it in the notebook](../notebooks/{stem}/{stem}.ipynb)"
        self.state.nested_parse(StringList(["", link], "exercise"), self.content_offset, box)
        return [box]


def setup(app: Sphinx) -> None:
    """Register each box under its kind."""
    for box in (Opening, Worked, Pitfall, Correction, Exercise):
        app.add_directive(box.kind, box)
