"""What a declaration that contradicts itself is told, and in how many ways a mistake can be written."""

import numpy as np
import pytest

from autograder.exercise import Chapter, Edit, Exercise
from dlarch import drivers
from dlarch.checks_file import Part
from dlarch.judge import judge

PARTS = {"sum": Part(1, outputs=("sum",)), "mean": Part(2, outputs=("mean",), cases=("five",))}


def declared(**settings):
    """An exercise with what every exercise needs."""
    settings = {"outputs": ("sum", "mean"), "parts": dict(PARTS), **settings}
    exercise = Exercise(
        "totals", signature="totals(x: (N,)) -> sum: float, mean: float", **settings
    )

    @exercise.case("five")
    def _(random):
        return {"x": random.normal(size=5)}

    @exercise.case("nine", secret=True)
    def _(random):
        return {"x": random.normal(size=9)}

    @exercise.reference
    def _(x):
        return x.sum(), x.mean()

    @exercise.mistake("sum_for_mean", "The mean is the sum, divided by how many there are.")
    def _(x):
        return x.sum(), x.sum()

    @exercise.alternative
    def with_a_product(x):
        total = x @ np.ones(len(x))
        return total, total / len(x)

    return exercise


def made(exercise):
    return Chapter("00_start", (exercise,)).exercises["totals"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parts": {"sum": Part(1, outputs=("summ",))}}, "counts 'summ', which is no output"),
        ({"parts": {"sum": Part(1, cases=("six",))}}, "counts the case 'six', which is none"),
        ({"parts": {"sum": Part(1, cases=("nine",))}}, "the part 'sum' has no public case"),
        ({"driver": "start.no_such"}, "there is no driver 'start.no_such'"),
        ({"driver": "no_such.call"}, "there is no driver 'no_such.call'"),
        ({"uses": ("later",)}, "uses later: expected exercises that the chapter lists before it"),
        ({"section": "00_start.html"}, "'00_start.html' is no section"),
        ({"outputs": ("sum", "mean", "sum")}, "the output 'sum' is there twice"),
        ({"form": "copy"}, "expected a form of transcribe, .*, got 'copy'"),
        ({"form": "mend"}, "slips are given in the form 'mend'"),
        ({"gives": ("one_too_few",)}, "slips are given in the form 'mend', and in no other"),
        (
            {"form": "mend", "gives": ("sum_for_mean",)},
            "'sum_for_mean' is given, and no mistake is an edit",
        ),
        ({"form": "derive"}, "a formula is revealed in the form 'derive'"),
    ],
)
def test_a_declaration_is_validated_when_its_chapter_is_made(settings, message):
    with pytest.raises(ValueError, match=f"00_start/totals.*{message}"):
        made(declared(**settings))


def test_what_a_failing_test_prints_of_an_exercise_is_short():
    exercise = made(declared())

    assert repr(exercise) == "<exercise 00_start/totals>"
    for item in (*exercise.cases, *exercise.mistakes, exercise.expectation("a seed")):
        assert len(repr(item)) < 600
        assert "<function" not in repr(item)
        assert "array(" not in repr(item)


def test_points_are_given_as_a_whole_or_by_parts():
    for settings in ({"points": 1}, {"parts": {}}):
        with pytest.raises(ValueError, match="either points or parts"):
            declared(**settings)


def test_names_are_used_once():
    exercise = declared()
    with pytest.raises(ValueError, match="'sum_for_mean' is there already"):
        exercise.mistake("sum_for_mean", "Another message.")(lambda x: x)
    with pytest.raises(ValueError, match="with_a_product is there already"):
        exercise.alternative(exercise.alternatives["with_a_product"])
    exercise.case("five")(lambda random: {})
    with pytest.raises(ValueError, match="the case 'five' is there twice"):
        made(exercise)
    with pytest.raises(ValueError, match="lists totals twice"):
        Chapter("00_start", (declared(), declared()))


def test_a_mistake_needs_a_message():
    exercise = declared()
    exercise.mistake("unnamed")(lambda x: x)

    with pytest.raises(ValueError, match="'unnamed' has no message"):
        made(exercise)


def test_a_mistake_is_named_in_each_of_its_spellings():
    exercise = declared()
    exercise.mistake("sum_for_mean")(lambda x: (x.sum(), x.sum() + 0 * x))
    exercise.slip("sum_for_mean", of="with_a_product", right="total / len(x)", wrong="total, total")
    exercise.slip(
        "one_too_few", "You divide by one too few.", of="with_a_product", right="/ len(x)",
        wrong="/ (len(x) - 1)",
    )  # fmt: skip
    expectation = made(exercise).expectation("a seed").for_part("mean")

    spellings = [(m.id, function) for m in exercise.mistakes for function in m.functions]
    assert [id for id, _ in spellings] == ["sum_for_mean"] * 3 + ["one_too_few"]
    for id, function in spellings:
        came = [drivers.run("call", function, case.arguments) for case in expectation.cases]
        assert judge(expectation, came, "mean").mistake == id


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            Edit("with_a_product", "total", "sum"),
            "'total' once in with_a_product, found it 3 times",
        ),
        (Edit("with_a_product", "mean", "sum"), "found it 0 times"),
        (Edit("with_a_loop", "total", "sum"), "no alternative 'with_a_loop'"),
    ],
)
def test_an_edit_fits_its_alternative(edit, message):
    exercise = declared()
    exercise.slip("slip", "A slip.", of=edit.of, right=edit.right, wrong=edit.wrong)

    with pytest.raises(ValueError, match=message):
        made(exercise)


def test_an_edit_gives_a_cell_under_the_learners_name():
    exercise = made(declared())

    cell = exercise.edited(Edit("with_a_product", "/ len(x)", "/ 2"))
    assert cell.startswith("def totals(x):\n")
    assert "return total, total / 2" in cell


def to_mend(*gives):
    exercise = declared(form="mend", gives=gives, parts={}, points=2)
    exercise.slip(
        "one_too_few", "One too few.", of="with_a_product", right="/ len(x)", wrong="/ (len(x) - 1)"
    )
    exercise.slip(
        "first_left_out", "The first is left out.", of="with_a_product", right="x @ np.ones(len(x))",
        wrong="x[1:] @ np.ones(len(x) - 1)",
    )  # fmt: skip
    return made(exercise)


def verdict_of(exercise, function):
    expectation = exercise.expectation("a seed")
    came = [drivers.run("call", function, case.arguments) for case in expectation.cases]
    return judge(expectation, came)


def left_out_and_one_too_few(x):
    return x[1:].sum(), x[1:].sum() / (len(x) - 1)


def one_too_few(x):
    return x.sum(), x.sum() / (len(x) - 1)


def test_a_function_to_mend_is_not_diagnosed_as_long_as_it_is_as_it_was_given():
    for exercise, given in (
        (to_mend("one_too_few"), one_too_few),
        (to_mend("one_too_few", "first_left_out"), left_out_and_one_too_few),
    ):
        verdict = verdict_of(exercise, given)
        assert (verdict.status, verdict.points, verdict.mistake) == ("missing", 0, None)
        assert verdict.message == "totals is as it was given: which line is it?"
        assert verdict_of(exercise, exercise.mistakes[0].functions[0]).mistake == "sum_for_mean"
        assert verdict_of(exercise, exercise.reference_answer).status == "pass"


def test_of_two_slips_that_are_given_the_second_is_not_named_when_the_first_is_mended():
    verdict = verdict_of(to_mend("one_too_few", "first_left_out"), one_too_few)

    assert (verdict.status, verdict.mistake) == ("fail", "partly_mended")
    assert verdict.message == "Not all of the slips that were given are mended yet."
