"""Errors carried forward: a slip costs its own points, and not what builds on it."""

import copy
import json
from dataclasses import replace

import nbformat
import numpy as np
import pytest
import torch
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from autograder.chapters import load_chapter
from autograder.demo import with_solutions
from autograder.exercises.vae.train_vae import MNIST
from autograder.grading.answering import Answerer
from autograder.grading.carried import Loan, RefusedError
from autograder.grading.checker import grade
from autograder.grading.classroom import grade as grade_class
from autograder.grading.explanation import explain
from autograder.grading.pipeline import GradingRun
from autograder.grading.references import read_references
from autograder.grading.report import read_report, render
from autograder.release import release
from dlarch import checks_file
from dlarch.importer import import_notebook
from dlarch.report import table

BACKPROPAGATION = "04_backpropagation"
SLIPS = {
    BACKPROPAGATION: ("linear_backward", "x.T @ dy, dy.sum(", "x.T @ dy / len(x), dy.mean("),
    "07_convolution": (
        "conv_output_size",
        "(padded - kernel) // stride",
        "(padded - kernel) / stride",
    ),
    "14_vae": ("gaussian_kl", "-0.5 * terms", "0.5 * terms"),
}
BUILD_ON = {
    BACKPROPAGATION: {"mlp_gradients_gradients", "gradient_norms"},
    "07_convolution": {"conv1d", "conv2d_value", "im2col", "max_pool_value"},
    "14_vae": {"elbo", "vae_step", "train_vae_steps"},
}


@pytest.fixture(scope="module")
def class_of(course, tmp_path_factory):
    """For each chapter: a run, its references (without training on MNIST), and the solved notebook."""
    made = {}

    def of(chapter):
        if chapter not in made:
            release(chapter, course)
            run = GradingRun(chapter, course)
            path = tmp_path_factory.mktemp("references") / "references"
            checks_file.save(
                path, chapter, list(map(quick, load_chapter(chapter).exercises.values()))
            )
            source = nbformat.read(course.source / chapter / f"{chapter}.ipynb", as_version=4)
            solved = with_solutions(nbformat.from_dict(run.assignment.notebook), source)
            made[chapter] = run, read_references(path.read_bytes()), solved
        return made[chapter]

    return of


def quick(exercise):
    exercise = copy.copy(exercise)
    exercise.cases = [case for case in exercise.cases if case.name != MNIST]
    exercise.mistakes = [] if exercise.name == "train_vae" else exercise.mistakes
    return exercise.expectation(secret="a seed")


def slipped(solved, *slips):
    """Put slips into the solved notebook: (cell, right, wrong)."""
    content = json.loads(nbformat.writes(solved))
    for name, right, wrong in slips:
        (cell,) = (cell for cell in content["cells"] if cell["id"] == name)
        source = "".join(cell["source"])
        assert source.count(right) == 1
        cell["source"] = source.replace(right, wrong)
    return json.dumps(content).encode()


@pytest.fixture(scope="module")
def found_of(class_of, processes):
    """Grade a chapter's notebook with slips; what grading found."""

    def found(chapter, *slips, **changes):
        run, references, solved = class_of(chapter)
        job = run.job(import_notebook(slipped(solved, *slips), run.assignment))
        kept = [cell for cell in job.cells if cell.part != "mnist"]
        return grade(replace(job, cells=tuple(kept), **changes), references, processes)

    return found


def by_check(found):
    return {verdict.id: verdict for verdict in found.verdicts}


@pytest.mark.parametrize("chapter", SLIPS)
def test_one_slip_costs_its_own_points_and_no_more(found_of, chapter):
    name, _, _ = SLIPS[chapter]
    verdicts = by_check(found_of(chapter, SLIPS[chapter]))
    wrong = {check for check, verdict in verdicts.items() if verdict.status != "pass"}
    given = {check for check, verdict in verdicts.items() if verdict.given}

    assert wrong
    assert [check for check in wrong if not check.startswith(name)] == []
    assert given >= BUILD_ON[chapter]
    for check in given:
        assert verdicts[check].points == verdicts[check].max_points
        assert verdicts[check].message == f"Right, given a right `{name}`."
        assert f"given a right <code>{name}</code>" in table(verdicts[check])


def test_without_it_a_slip_costs_what_builds_on_it(found_of):
    verdicts = by_check(found_of(BACKPROPAGATION, SLIPS[BACKPROPAGATION], carry=False))

    for check in BUILD_ON[BACKPROPAGATION]:
        assert verdicts[check].points == 0
        assert "does not pass its own check" in verdicts[check].message


def test_an_answer_that_is_wrong_by_itself_stays_wrong_and_is_told_its_own_mistake(found_of):
    slip = ("elbo", ".mean()", ".sum()")
    verdicts = by_check(found_of("14_vae", SLIPS["14_vae"], slip))

    assert verdicts["elbo"].points == 0
    assert verdicts["elbo"].mistake == "sum_over_batch"
    assert "even given a right <code>gaussian_kl</code>" in table(verdicts["elbo"])
    assert verdicts["vae_step"].given == ["elbo", "gaussian_kl"]
    assert verdicts["vae_step"].points == 3


def test_a_function_that_is_not_written_is_given_too(found_of, class_of):
    _, _, solved = class_of("14_vae")
    source = next(cell.source for cell in solved.cells if cell.id == "gaussian_kl")
    body = source[source.index("    terms =") :]
    stub = ("gaussian_kl", body, "    raise NotImplementedError\n")
    verdicts = by_check(found_of("14_vae", stub))

    assert verdicts["gaussian_kl"].status == "missing"
    assert verdicts["train_vae_steps"].given == ["gaussian_kl"]
    assert verdicts["train_vae_steps"].status == "pass"


@pytest.mark.parametrize(
    ("chapter", "slip", "builds_on"),
    [
        ("14_vae", ("vae_step", "loss = -elbo", "loss = elbo"), "train_vae_steps"),
        (
            "15_gan",
            ("discriminator_step", "return loss.item()", "return -loss.item()"),
            "train_gan",
        ),
    ],
)
def test_a_function_of_models_and_optimisers_is_given_too(found_of, chapter, slip, builds_on):
    verdicts = by_check(found_of(chapter, slip))

    assert verdicts[builds_on].given == [slip[0]]
    assert verdicts[builds_on].status == "pass"


def test_a_model_of_another_kind_is_refused_and_the_first_verdict_stands(found_of):
    slips = (
        ("vae_step", "loss = -elbo", "loss = elbo"),
        ("train_vae", "vae_step(model", "vae_step(torch.nn.ModuleList([model])[0].encoder"),
    )
    verdicts = by_check(found_of("14_vae", *slips))

    assert verdicts["train_vae_steps"].status != "pass"
    assert verdicts["train_vae_steps"].given == []


def test_a_second_judgement_costs_nothing_where_the_first_passes(class_of, processes):
    run, references, solved = class_of(BACKPROPAGATION)
    job = run.job(import_notebook(nbformat.writes(solved).encode(), run.assignment))
    found = grade(job, references, processes)

    assert {verdict.status for verdict in found.verdicts} == {"pass"}
    assert found.seconds.get("carry", 0.0) == 0.0


def test_gradients_come_back_as_torchs_own():
    answerer = Answerer("14_vae")
    mean, log_variance = torch.randn(2, 4, 3)
    loan = Loan(("gaussian_kl",), answerer)
    question = {"positional": [mean.requires_grad_()], "keyword": {"log_variance": log_variance}}
    try:
        value = loan.answer({"call": "gaussian_kl", **question}, 30)["value"]
        cotangents = [torch.ones(4)]
        pulled = loan.answer(
            {"pull_back": "gaussian_kl", "cotangents": cotangents, **question}, 30
        )["value"]
    finally:
        answerer.close()

    assert value.shape == (4,)
    assert not value.requires_grad
    assert torch.allclose(pulled[0], mean.detach())
    assert pulled[1] is None


@pytest.mark.parametrize(
    "question",
    [
        {"call": "mlp_gradients", "positional": [], "keyword": {}},
        {"call": ["linear_backward"], "positional": [], "keyword": {}},
        {"call": "linear_backward", "positional": {}, "keyword": {}},
        {"call": "linear_backward"},
        {"pull_back": "linear_backward", "positional": [], "keyword": {}},
    ],
)
def test_only_what_was_given_is_answered(question):
    with pytest.raises(RefusedError, match="called"):
        Loan(("linear_backward",), Answerer(BACKPROPAGATION)).answer(question, 1)


def test_what_is_no_plain_data_too_large_or_too_often_is_refused(monkeypatch):
    answerer = Answerer(BACKPROPAGATION)
    loan = Loan(("activation_backward",), answerer)
    call = {"call": "activation_backward", "keyword": {}}
    h = np.zeros((2, 2))
    try:
        with pytest.raises(RefusedError, match="plain"):
            loan.answer({**call, "positional": [h, object(), "tanh"]}, 30)
        loan.answer({**call, "positional": [h, h, "tanh"]}, 30)
        monkeypatch.setattr("autograder.grading.carried.MOST_CALLS", loan.calls)
        with pytest.raises(RefusedError, match="more often"):
            loan.answer({**call, "positional": [h, h, "tanh"]}, 30)
        loan.calls = 0
        monkeypatch.setattr("autograder.grading.carried.MOST_BYTES", loan.bytes + 2 * h.nbytes)
        with pytest.raises(RefusedError, match="more"):
            loan.answer({**call, "positional": [h, h, "tanh"]}, 30)
    finally:
        answerer.close()


@pytest.fixture(scope="module")
def own(course, class_of, tmp_path_factory):
    """A classroom in which `one` and `two` handed in the same slip, written in two ways."""
    own = replace(course, classroom=tmp_path_factory.mktemp("carried"))
    release(BACKPROPAGATION, own)
    _, _, solved = class_of(BACKPROPAGATION)
    for learner, more in (("one", ()), ("two", [("output_delta", '"""Give', '"""Write')])):
        folder = own.submitted / learner / BACKPROPAGATION
        folder.mkdir(parents=True)
        (folder / f"{BACKPROPAGATION}.ipynb").write_bytes(
            slipped(solved, SLIPS[BACKPROPAGATION], *more)
        )
    return own


def points_of(course, learner):
    with Gradebook(course.gradebook_url, course.id) as book:
        submission = book.find_submission(BACKPROPAGATION, learner)
        return {cell.name: cell.auto_score for cell in submission.notebooks[0].grades}


def test_grade_nbgrader_and_kept_verdicts_agree(own, workers):
    (graded,) = grade_class(BACKPROPAGATION, own, ["one"], given=workers)
    config = own.grading_config()
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    outcome = api.autograde(BACKPROPAGATION, "two")
    (kept,) = grade_class(BACKPROPAGATION, own, ["one"], given=workers)

    assert outcome["success"], outcome["log"]
    assert points_of(own, "one") == points_of(own, "two")
    assert graded.score == kept.score == graded.max_score - 2 - written_points(own)
    assert kept.reused
    assert kept.verdicts == graded.verdicts
    page = own.feedback / "one" / BACKPROPAGATION / f"{BACKPROPAGATION}.html"
    assert "given a right <code>linear_backward</code>" in page.read_text()


def test_a_setting_turns_it_off(own, workers):
    settings = own.classroom / "settings.toml"
    settings.write_text("errors_carried_forward = false\n")
    (off,) = grade_class(BACKPROPAGATION, own, ["one"], given=workers)
    settings.unlink()
    (on,) = grade_class(BACKPROPAGATION, own, ["one"], given=workers)

    assert off.score == on.score - 4


def written_points(own):
    return sum(cell.points for cell in GradingRun(BACKPROPAGATION, own).assignment.of("written"))


def test_the_report_counts_the_slip_once(own, workers):
    grade_class(BACKPROPAGATION, own, [], given=workers)
    report = read_report(BACKPROPAGATION, own)

    assert [(item.check, item.students) for item in report.mistakes] == [
        ("linear_backward_dW", ("one", "two")),
        ("linear_backward_db", ("one", "two")),
    ]
    assert {item.id for item in report.exercises if item.given} == BUILD_ON[BACKPROPAGATION]
    assert "given an earlier function right" in render(report)


def test_explain_shows_both_judgements(own, workers):
    grade_class(BACKPROPAGATION, own, ["one"], given=workers)
    text = explain(BACKPROPAGATION, "one", own, exercise="gradient_norms")

    assert "Right, given a right `linear_backward`." in text
    assert ", given linear_backward" in text
