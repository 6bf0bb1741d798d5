"""`check(fn)` on a chapter made for the test: what a learner sees."""

import functools
import linecache
import re
import statistics
import sys

import numpy as np
import pytest
import torch

import dlarch.check as checking
from autograder.exercise import Chapter, Exercise
from dlarch import CheckFailed, check, checks_file, failing_case, session
from dlarch.check import CheckImpossible, CheckStopped
from dlarch.checks_file import Part
from dlarch.compare import Bound, Tolerance, compare
from dlarch.drivers import run
from dlarch.fingerprint import fingerprint
from dlarch.judge import _counts, judge
from dlarch.report import MIME_TYPE, Report, text
from dlarch.verdict import Verdict

centre = Exercise(
    "centre",
    signature="centre(x: (N, D)) -> (N, D)",
    outputs=("centred",),
    points=2,
    forbids=("std",),
)
scale = Exercise(
    "scale",
    signature="scale(x: (N, D), factor: float) -> (N, D), (N,)",
    outputs=("scaled", "total"),
    parts={"scaled": Part(1, outputs=("scaled",)), "total": Part(3, outputs=("total",))},
    uses=("centre",),
)


@centre.case("5 by 3")
def _(random):
    return {"x": random.normal(size=(5, 3)) + 3}


@centre.case("4 by 7")
def _(random):
    return {"x": random.normal(size=(4, 7)) + 3}


@centre.reference
def right_centre(x):
    return x - x.mean(axis=0)


@centre.mistake("rows", "You subtracted the mean of each row.", "00_test.html#rows")
def rows(x):
    return x - x.mean(axis=1, keepdims=True)


@scale.case("4 by 3")
def _(random):
    return {"x": random.normal(size=(4, 3)), "factor": 1.7}


@scale.reference
def right_scale(x, factor):
    return factor * x, (factor * x).sum(axis=1)


chapter = Chapter("00_test", (centre, scale))


@pytest.fixture(autouse=True)
def checks(tmp_path, monkeypatch):
    path = tmp_path / "checks.safetensors"
    expectations = [exercise.expectation() for exercise in chapter.exercises.values()]
    checks_file.save(path, "00_test", expectations)
    monkeypatch.chdir(tmp_path)
    return path


def answer(name, function, monkeypatch):
    """Put a function where a learner's notebook would have it."""
    function.__name__ = name
    function.__module__ = __name__
    monkeypatch.setattr(sys.modules[__name__], name, function, raising=False)
    return function


class Notebook:
    """Cells that run one after the other, as in a kernel."""

    def __init__(self):
        self.names = {"__name__": "__main__", "In": [""], "np": np, "check": check}
        self.names["failing_case"] = failing_case

    def run(self, source):
        self.names["In"].append(source)
        file = f"<cell {len(self.names['In'])} of {id(self)}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        exec(compile(source, file, "exec"), self.names)

    def refused(self, source):
        with pytest.raises(CheckFailed) as caught:
            self.run(source)
        return str(caught.value)


@pytest.fixture
def notebook():
    return Notebook()


def refused(name, function, monkeypatch, part=""):
    with pytest.raises(CheckFailed) as caught:
        check(answer(name, function, monkeypatch), part)
    return str(caught.value)


def test_a_right_answer_passes_and_shows_its_points(monkeypatch, capsys):
    check(answer("centre", lambda x: x - x.mean(0), monkeypatch))

    assert "centre: passed (2 of 2 points)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (rows, "You subtracted the mean of each row."),
        (lambda x: 2 * right_centre(x), "2 times the expected value"),
        (lambda x: -right_centre(x), "wrong sign everywhere"),
        (lambda x: right_centre(x).T, "the transpose"),
        (lambda x: right_centre(x)[::-1], "flipped along axis -2"),
        (lambda x: right_centre(x) / len(x), "divided by the size of x, axis 0"),
        (lambda x: right_centre(x).ravel(), "right numbers in the wrong shape"),
        (lambda x: right_centre(x).sum(1), "summed over axis 1"),
        (lambda x: np.trunc(right_centre(x)).astype(int), "lost its decimals"),
        (lambda x: right_centre(x) * np.nan, "not finite"),
        (lambda x: right_centre(x) + np.eye(*x.shape), r"centred[0, 0] differs: expected"),
        (lambda x: None, "returned None"),
        (lambda x: right_centre(x) / len(x), "as a mean in place of a sum gives it"),
        (
            lambda x: right_centre(x).tolist(),
            "expected a NumPy array (5, 3) float64, got list of 5",
        ),
        (lambda x: (right_centre(x),), "expected a NumPy array (5, 3) float64, got tuple of 1"),
        (lambda x: sys.exit("done"), "raised SystemExit: done"),
        (lambda x: statistics.mean([]), "raised StatisticsError: mean requires at least one"),
        (lambda x: x @ x, "ValueError: matmul"),
    ],
)
def test_a_wrong_answer_is_told_what_is_certain(function, message, monkeypatch):
    assert message in refused("centre", lambda x: function(x), monkeypatch)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1.0, -1.0),
        (4, 2),
        (0.5, 1.0),
        (0.0, np.zeros(3)),
        (0.37, 0),
        (0.37, np.array([0.37, 0.37])),
        (np.ones((2, 3)), np.ones(2)),
        (np.array([True, False, True]), np.array([False, True, True])),
        (np.array([0.3, -0.8]), np.zeros(2, dtype=int)),
        (0.37, 10**400),
        (np.zeros((2, 3)), np.zeros((2, 0))),
    ],
)
def test_what_agrees_by_chance_is_no_regularity(expected, actual):
    failing = [({"x": np.zeros((4, 7))}, expected, actual)]

    assert fingerprint("out", failing, Tolerance()) is None


def test_a_line_of_a_library_is_not_shown_as_the_learners(monkeypatch):
    message = refused("centre", lambda x: statistics.mean([]), monkeypatch)

    assert "(line" in message
    assert "statistics.mean([])" in message.split("(line")[1]


@pytest.mark.parametrize("wrong", ["lambda X: X", "lambda x, /: x", "lambda x, y: x", "lambda: 0"])
def test_other_parameters_than_the_tasks_are_shown(wrong, monkeypatch):
    message = refused("centre", eval(wrong), monkeypatch)

    assert "expected parameters for a call (x=…)" in message
    assert "keep those of the task" in message


@pytest.mark.parametrize("wrap", [functools.partial, lambda function: lambda x: function(x)])
def test_what_the_notebook_calls_by_the_name_of_the_exercise_is_the_answer(wrap, monkeypatch):
    wrapped = wrap(right_centre)
    monkeypatch.setattr(sys.modules["__main__"], "centre", wrapped, raising=False)

    check(wrapped)


def test_a_decorated_function_may_not_use_a_forbidden_name_either(notebook):
    notebook.run("import functools\n@functools.cache\ndef centre(x):\n    return x.std()")

    assert "uses std" in notebook.refused("check(centre)")


def test_a_call_in_place_of_a_function_is_told_so():
    with pytest.raises(CheckImpossible, match="without calling it"):
        check(np.zeros(3))


def test_a_number_without_end_is_compared_like_any_other():
    assert not compare("out", Bound(low=0.9), 10**400, Tolerance()).passed
    assert compare("out", torch.ones(2), torch.ones(2, dtype=torch.bfloat16), Tolerance()).passed


def test_two_slips_at_once_are_not_diagnosed_as_one(monkeypatch, capsys):
    message = refused("centre", lambda x: 3 * rows(x) + 1, monkeypatch)

    assert "mean of each row" not in message
    assert "differs" in message


def test_a_changed_argument_is_named_whatever_else_is_wrong(monkeypatch):
    def in_place(x):
        x -= x.mean(axis=0)
        return x

    def wrong_too(x):
        x += 1
        return x

    def mistaken_too(x):
        result = rows(x)
        x += 1
        return result

    assert "argument x in place" in refused("centre", in_place, monkeypatch)
    assert "argument x in place" in refused("centre", wrong_too, monkeypatch)
    message = refused("centre", mistaken_too, monkeypatch)
    assert message.startswith("You subtracted the mean of each row. It also changes")


def test_values_that_are_not_finite_are_told_whatever_else_is_wrong(monkeypatch):
    message = refused("centre", lambda x: np.full((2, 2), np.nan), monkeypatch)

    assert "expected shape" in message
    assert "Some values are not finite" in message


def test_a_second_call_that_differs_is_told(monkeypatch):
    calls = []

    def keeps(x):
        calls.append(x)
        return right_centre(x) + (len(calls) > 2)

    def keeps_and_is_wrong(x):
        calls.append(x)
        return x + len(calls)

    assert "a second call with the same" in refused("centre", keeps, monkeypatch)
    assert "A second call with the same" in refused("centre", keeps_and_is_wrong, monkeypatch)


def test_right_results_in_the_wrong_order_are_told_so(notebook):
    notebook.run("def scale(x, factor):\n    return (factor * x).sum(1), factor * x")

    assert "right results in the wrong order" in notebook.refused("check(scale, 'total')")


def test_right_results_that_changed_an_argument_are_not_called_reordered(notebook):
    notebook.run(
        "def scale(x, factor):\n    x *= factor\n    total = x.sum(1)\n    return x.copy(), total"
    )

    message = notebook.refused("check(scale, 'total')")
    assert "changes its argument x in place" in message
    assert "wrong order" not in message


def test_a_string_of_numpy_is_a_string():
    assert compare("fate", "keeps", np.array(["keeps"])[0], Tolerance()).passed
    assert not compare("fate", "keeps", np.array(["vanishes"])[0], Tolerance()).passed
    assert not compare("fate", None, "keeps", Tolerance()).passed


def test_another_stub_is_not_this_answers(notebook):
    notebook.run("def helper(x):\n    raise NotImplementedError")
    notebook.run("def centre(x):\n    return helper(x)")

    message = notebook.refused("check(centre)")

    assert "not written yet" not in message
    assert "(line 2 of helper: raise NotImplementedError)" in message


def test_an_exception_of_the_learners_own_counts_as_what_it_is_derived_from():
    class Unfit(ValueError):
        pass

    def raises():
        raise Unfit("too large")

    assert run("call", raises, {}).error == "ValueError"


def test_an_exception_is_a_mistakes_when_its_other_cases_are_the_mistakes(monkeypatch):
    def like_the_mistake(x):
        if x.shape == (4, 7):
            raise ValueError("in other words")
        return rows(x)

    def raises(x):
        if x.shape == (4, 7):
            raise ValueError("in these words")
        return rows(x)

    other = Exercise("centre", signature="", outputs=("centred",), points=1)
    other.cases, other.reference_answer = centre.cases, right_centre
    other.mistake("raises", "That one.", "00_test.html#a")(raises)
    Chapter("00_test", (other,))
    expectation = other.expectation()
    outcomes = [run("call", like_the_mistake, case.arguments) for case in expectation.cases]

    assert judge(expectation, outcomes).mistake == "raises"


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        (np.array([True, False]), np.array([True, True]), "[1] differs: expected False, got True"),
        (-0.0, 1.0, "expected 0, got 1"),
        (0.12345678, 0.1235678, "expected 0.123457, got 0.123568"),
        (1.0000001, 1.0000002, "expected 1.0000001, got 1.0000002"),
        (12, 12.0, "expected a whole number (int), got 12.0 (float)"),
        (np.ones(2), None, "got None: is a `return` missing?"),
        (np.ones(2), [1.0, 1.0], "got list of 2"),
    ],
)
def test_values_are_written_so_that_they_differ(expected, actual, message):
    comparison = compare("out", expected, actual, Tolerance(0, 0, whole=True))

    assert message in comparison.message
    assert comparison.message.startswith("out")


def test_a_shown_error_belongs_to_the_shown_tolerance():
    expected, actual = np.array([1e3, 1e-3]), np.array([1e3 + 0.05, 1e-3 + 0.01])
    comparison = compare("out", expected, actual, Tolerance(1e-4, 0))

    assert (comparison.error > comparison.limit) == (not comparison.passed)


def test_no_place_is_named_that_the_learner_did_not_write(monkeypatch):
    expectation = centre.expectation()
    expectation.driver = "a_chapter.of_its_own"
    outcomes = [run("call", lambda x: x, case.arguments) for case in expectation.cases]

    assert "centred differs: expected" in judge(expectation, outcomes).message


def test_an_output_counts_by_its_whole_name():
    assert _counts("generator[0]", ("generator",))
    assert not _counts("generator_gradient", ("generator",))


def test_a_forbidden_name_is_found_in_helpers_of_other_cells_too(notebook):
    notebook.run("from numpy import std as spread\ndef helper(x):\n    return spread(x)")
    notebook.run("def centre(x):\n    return helper(x)")

    assert "uses std" in notebook.refused("check(centre)")


def test_an_answer_that_rests_on_a_wrong_one_is_sent_there(notebook):
    notebook.run("def centre(x):\n    return x")
    notebook.run("def scale(x, factor):\n    return centre(x), x.sum(1)")
    message = notebook.refused("check(scale, 'scaled')")

    assert "mend that one first" in message
    assert "centre" in message


def test_parts_score_by_themselves(monkeypatch, capsys):
    answer("centre", right_centre, monkeypatch)
    half = answer("scale", lambda x, factor: (factor * x, 0 * x[:, 0]), monkeypatch)
    check(half, "scaled")
    assert "scale_scaled: passed (1 of 1 point)" in capsys.readouterr().out
    with pytest.raises(CheckFailed):
        check(half, "total")
    assert "scale_total: not right yet (0 of 3 points)" in capsys.readouterr().out
    with pytest.raises(ValueError, match="one of 'scaled', 'total'"):
        check(half, "other")


def test_an_untouched_answer_is_told_what_to_do_in_one_line(monkeypatch, capsys):
    def centre(x):
        raise NotImplementedError

    message = refused("centre", centre, monkeypatch)
    assert message.startswith("centre is not written yet: in its cell, replace")
    assert CheckFailed(message)._render_traceback_() == [f"CheckFailed: {message}"]


def test_stderr_of_an_answer_does_not_reach_the_cell(monkeypatch, capsys):
    def loud(x):
        np.log(-np.ones(1))
        print("to stderr", file=sys.stderr)
        return right_centre(x)

    check(answer("centre", loud, monkeypatch))
    assert capsys.readouterr().err == ""


def test_without_a_checks_file_the_learner_is_told_where_it_belongs(checks, monkeypatch):
    checks.unlink()
    monkeypatch.setattr(sys.modules["__main__"], "__file__", "/elsewhere/x.py", raising=False)
    with pytest.raises(CheckImpossible, match="copy it there"):
        check(answer("centre", right_centre, monkeypatch))


def test_a_damaged_checks_file_is_told_so(checks, monkeypatch):
    checks.write_bytes(b"<!DOCTYPE html>")
    with pytest.raises(CheckImpossible, match="damaged or not of this course: copy it again"):
        check(answer("centre", right_centre, monkeypatch))


def test_a_change_of_folder_does_not_lose_the_checks_file(tmp_path, monkeypatch, notebook):
    monkeypatch.setattr(session, "STARTED_IN", tmp_path)
    notebook.run("import os\nos.chdir('/')\ndef centre(x): return x - x.mean(0)\ncheck(centre)")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("check(center)", "did you mean centre?"),
        ("check('centre')", "write check(centre)"),
        ("check(centre(np.ones((2, 2))))", "without calling it"),
        ("check(centre, 'rows')", "none: it is checked as a whole"),
        ("scale = centre\ncheck(print)", "centre, scale"),
        ("scale = centre\nfor f in (centre,):\n    check(f)", "one and the same function"),
    ],
)
def test_a_misuse_is_explained_in_one_line_without_frames(call, message, notebook):
    notebook.run("def centre(x): return x\ndef center(x): return x")
    with pytest.raises(CheckImpossible) as caught:
        notebook.run(call)

    assert message in str(caught.value)
    assert caught.value._render_traceback_() == [f"CheckImpossible: {caught.value}"]


def test_an_alias_is_judged_under_the_name_that_the_call_gives_it(notebook, capsys):
    notebook.run("def centre(x): return x - x.mean(0)\nscale = centre\ncheck(centre)")
    assert "centre: passed" in capsys.readouterr().out
    notebook.refused("check(scale, 'total')")
    assert "scale_total: not right yet" in capsys.readouterr().out


def test_a_check_that_is_stopped_says_where_it_was(notebook):
    notebook.run("def centre(x):\n    raise KeyboardInterrupt")
    with pytest.raises(CheckStopped, match="while centre ran"):
        notebook.run("check(centre)")


def test_what_a_case_prints_is_cut(notebook, capsys):
    notebook.run("def centre(x):\n    for i in range(10**5): print(i)\n    return x - x.mean(0)")
    notebook.run("check(centre)")
    out = capsys.readouterr().out

    assert "centre: passed" in out
    assert out.count("more was printed") == 2
    assert len(out) < 10_000


def test_what_all_cases_print_together_is_cut(notebook, capsys, monkeypatch):
    monkeypatch.setattr(sys.modules["dlarch.check"], "MOST_PRINTED_IN_ALL", 2_500)
    notebook.run(
        "def centre(x):\n    print('#' * 2_000)\n    print('more')\n    return x - x.mean(0)"
    )
    notebook.run("check(centre)")
    out = capsys.readouterr().out

    assert out.count("#") == 2_500
    assert out.count("more was printed") == 2
    assert "centre: passed" in out


def test_the_failing_case_of_message_table_and_debugging_is_one(notebook, capsys):
    notebook.run("def centre(x):\n    return x - x.mean(0) * (1 if len(x) == 5 else 2)")
    message = notebook.refused("check(centre)")
    notebook.run("inputs = failing_case(centre)\nassert centre(**inputs).shape == (4, 7)")

    assert "(case: 4 by 7)" in message
    assert "case: 4 by 7" in capsys.readouterr().out
    notebook.run("def centre(x):\n    return x - x.mean(0)\nassert failing_case(centre) == {}")


def test_the_table_escapes_what_comes_from_the_learner():
    hostile = "<script>alert(1)</script>"
    bundle = Report(Verdict("a", 0, 1, "fail", hostile))._repr_mimebundle_()

    assert "<script>" not in bundle["text/html"]
    assert bundle[MIME_TYPE]["message"] == hostile
    assert Verdict.from_json(bundle[MIME_TYPE]) == Verdict("a", 0, 1, "fail", hostile)
    assert hostile in text(Verdict("a", 0, 1, "fail", hostile))


def test_text_has_the_colour_of_the_page_and_backticks_are_code():
    verdict = Verdict("a", 0, 1, "fail", "use `np.exp` & <b>", section="04_x.html#chain-rule")
    shown = Report(verdict, "../book/")._repr_mimebundle_()["text/html"]

    assert not re.search(r"[;\"]color:", shown)
    assert "use <code>np.exp</code> &amp; &lt;b&gt;" in shown
    assert '<a href="../book/04_x.md#chain-rule"' in shown
    assert "<a" not in Report(verdict)._repr_mimebundle_()["text/html"]
    published = Report(verdict, "https://example.org/book/")._repr_mimebundle_()["text/html"]
    assert "https://example.org/book/04_x.html#chain-rule" in published


def test_the_library_holds_no_reference():
    assert not any("autograder" in name for name in vars(checking))
