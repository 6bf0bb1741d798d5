"""A class that is graded again; the demo's test looks at what became of it at first, in every chapter."""

from autograder.grading.classroom import Options, grade, gradebook_table, summary

LEARNERS = ("ada", "blaise", "carl", "dorothy", "emil")


def test_grading_again_reuses_every_result(grades, course):
    first = {name: grades[name, "04_backpropagation"].score for name in LEARNERS}
    again = grade("04_backpropagation", course, list(LEARNERS))

    assert all(item.reused for item in again)
    assert {item.student: item.score for item in again} == first


def test_force_draws_new_inputs_for_the_whole_class_and_gives_the_same_scores(grades, course):
    before = grades["blaise", "02_neuron"]
    again = {item.student: item for item in grade("02_neuron", course, [], Options(force=True))}

    assert again["blaise"].result.salt != before.result.salt
    assert not again["blaise"].reused
    assert again["blaise"].score == before.score
    assert again["blaise"].mistakes == before.mistakes


def test_the_table_names_learners_scores_and_mistakes(grades):
    items = [grades[name, "04_backpropagation"] for name in LEARNERS]
    table = gradebook_table(items)

    for item in items:
        assert item.student in table
        assert item.chapter in table
        assert all(mistake in table for mistake in item.mistakes)


def test_the_summary_counts_and_names_the_walls(grades):
    items = [grades[name, "04_backpropagation"] for name in LEARNERS]
    words = summary(items, 30.0, True)

    assert "1 failed" in words
    assert "bubblewrap" in words
    assert "NO SANDBOX" in summary(items, 30.0, False)
