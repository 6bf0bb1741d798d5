"""Questions on a page: `recall` at its start, `selfcheck` at its end.

The content is a YAML list. A question has `ask`, `from` (the label of the section that answers it) and one of

    choices: [{right: TEXT, because: TEXT}, {wrong: TEXT, because: TEXT, mistake: EXERCISE/ID}, …]
    number:  VALUE, with `compute` (the same in Python), `because` and
             slips: [{value: VALUE, compute: …, because: TEXT, mistake: EXERCISE/ID}, …]
    order:   [TEXT, …] in the right order, with `because`
    pairs:   [[TEXT, TEXT], …], with `because`

Without a script the questions stand on the page and the answers at its end, as in print; quiz.js makes them
live. Nothing is sent anywhere.
"""

import hashlib
from collections.abc import Iterable

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

KINDS = {
    "choices": {"choices"},
    "number": {"number", "compute", "because", "slips"},
    "order": {"order", "because"},
    "pairs": {"pairs", "because"},
}
COMMON = {"ask", "from"}


class QuestionError(ValueError):
    """A question is not written as the format asks."""


def read_questions(text: str) -> list[dict]:
    """Read and check the content of a block.

    Args:
        text: YAML.

    Returns:
        The questions, each with its `kind`.

    Raises:
        QuestionError: what is wrong, and in which question.
    """
    try:
        questions = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise QuestionError(f"expected YAML: {error}") from None
    if not isinstance(questions, list) or not all(isinstance(item, dict) for item in questions):
        raise QuestionError("expected a list of questions, each starting with '- ask:'")
    return [_checked(number, question) for number, question in enumerate(questions, 1)]


def _checked(number: int, question: dict) -> dict:
    kinds = [kind for kind in KINDS if kind in question]
    if len(kinds) != 1 or not isinstance(question.get("ask"), str):
        raise QuestionError(f"question {number}: expected 'ask' and one of {', '.join(KINDS)}")
    kind = kinds[0]
    unknown = question.keys() - KINDS[kind] - COMMON
    if unknown:
        raise QuestionError(f"question {number}: unknown {', '.join(sorted(unknown))}")
    if kind == "choices":
        choices = question["choices"]
        if sum("right" in choice for choice in choices) != 1:
            raise QuestionError(f"question {number}: expected one right choice")
        for choice in choices:
            if choice.keys() - {"mistake"} not in ({"right", "because"}, {"wrong", "because"}):
                raise QuestionError(
                    f"question {number}: each choice has 'right' or 'wrong', and 'because'"
                )
    elif "because" not in question:
        raise QuestionError(f"question {number}: 'because' is missing")
    return {**question, "kind": kind}


class Quiz(SphinxDirective):
    """A block of questions."""

    has_content = True
    title: str

    def run(self) -> list[nodes.Node]:
        """Return the questions as plain lists that quiz.js makes live."""
        try:
            questions = read_questions("\n".join(self.content))
        except QuestionError as error:
            raise self.error(f"{self.name}: {error}") from None
        block = nodes.container(classes=["quiz", f"quiz-{self.name}"])
        self.set_source_info(block)
        block += nodes.paragraph("", self.title, classes=["quiz-title"])
        for number, question in enumerate(questions, 1):
            item = nodes.container(classes=["quiz-question", f"quiz-{question['kind']}"])
            item += self._text(f"**{number}.** {question['ask']}", "quiz-ask")
            item += getattr(self, f"_{question['kind']}")(question)
            if source := question.get("from"):
                item += self._text(f"[Where it stands](#{source})", "quiz-source")
            block += item
        return [block]

    def _choices(self, question: dict) -> nodes.Node:
        return self._options(
            (
                (
                    self._text(choice.get("right") or choice["wrong"], "quiz-text"),
                    self._text(choice["because"], "quiz-because"),
                ),
                "right" if "right" in choice else "wrong",
            )
            for choice in _shuffled(question["choices"])
        )

    def _number(self, question: dict) -> nodes.Node:
        slips = question.get("slips", [])
        values = [(question["number"], question["because"], "right")]
        values += [(slip["value"], slip["because"], "wrong") for slip in slips]
        return self._options(
            ((self._value(value), self._text(because, "quiz-because")), kind)
            for value, because, kind in values
        )

    def _order(self, question: dict) -> nodes.Node:
        right = list(enumerate(question["order"], 1))
        options = self._options(
            ((self._value(place), self._text(text, "quiz-text")), "part")
            for place, text in _shuffled(right)
        )
        return self._with_reason(options, question)

    def _pairs(self, question: dict) -> nodes.Node:
        options = self._options(
            ((self._text(left, "quiz-text"), self._text(right, "quiz-partner")), "part")
            for left, right in question["pairs"]
        )
        return self._with_reason(options, question)

    def _with_reason(self, options: nodes.Node, question: dict) -> nodes.Node:
        both = nodes.container(classes=["quiz-parts"])
        both += [options, self._text(question["because"], "quiz-because")]
        return both

    @staticmethod
    def _options(rows: Iterable[tuple[tuple[nodes.Node, ...], str]]) -> nodes.Node:
        options = nodes.bullet_list(classes=["quiz-options"])
        for children, kind in rows:
            options += nodes.list_item("", *children, classes=[f"quiz-{kind}"])
        return options

    def _text(self, text: str, kind: str) -> nodes.Node:
        box = nodes.container(classes=[kind])
        self.state.nested_parse(StringList([str(text)], self.name), self.content_offset, box)
        return box

    @staticmethod
    def _value(value: float) -> nodes.Node:
        return nodes.container("", nodes.paragraph("", str(value)), classes=["quiz-value"])


class Recall(Quiz):
    """Questions on earlier chapters, at the start of a page."""

    title = "Before you start: do you remember?"


class SelfCheck(Quiz):
    """Questions on this chapter and earlier ones, at the end of a page."""

    title = "Check yourself"


def _shuffled(items: list) -> list:
    """Put items in another order, which says nothing and stays the same from build to build."""
    order = sorted(items, key=lambda item: hashlib.sha256(repr(item).encode()).digest())
    return order if order != items else [*order[1:], order[0]]


def add_answers(app: Sphinx, doctree: nodes.document) -> None:
    """Put the answers of a page's questions at its end, for paper and for browsers without scripts."""
    blocks = [node for node in doctree.findall(nodes.container) if "quiz" in node["classes"]]
    if not blocks:
        return
    answers = nodes.container(classes=["quiz-answers"])
    answers += nodes.rubric("", "Answers")
    for block in blocks:
        answers += nodes.paragraph("", block.children[0].astext(), classes=["quiz-title"])
        rows = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        for question in block.children[1:]:
            rows += nodes.list_item("", *_answer(question))
        answers += rows
    sections = [node for node in doctree.children if isinstance(node, nodes.section)]
    (sections[-1] if sections else doctree).append(answers)


def _answer(question: nodes.Element) -> list[nodes.Node]:
    options = next(question.findall(nodes.bullet_list))
    right = [item for item in options.children if "quiz-right" in item["classes"]]
    if right:
        return [child.deepcopy() for child in right[0].children]
    items = list(options.children)
    if "quiz-order" in question["classes"]:
        items.sort(key=lambda item: int(item.children[0].astext()))
        items = [nodes.list_item("", item.children[1].deepcopy()) for item in items]
    reason = options.parent.children[1].deepcopy()
    return [nodes.bullet_list("", *[item.deepcopy() for item in items]), reason]


def setup(app: Sphinx) -> None:
    """Register the blocks, what makes them live, and their answers."""
    app.add_directive("recall", Recall)
    app.add_directive("selfcheck", SelfCheck)
    app.add_js_file("quiz.js", loading_method="defer")
    app.connect("doctree-read", add_answers)
