"""Parts of a function that raises ValueError where sizes do not fit."""

from dlarch.checks_file import Part


def value_and_bad_size(points):
    """Parts for a function that raises ValueError where the window does not fit: see `share_cases`."""
    return {"value": Part(points), "bad_size": Part(1)}


def share_cases(exercise, *fits):
    """Count the cases that raise in the part `bad_size`, the others in `value`.

    `bad_size` counts the cases `fits` too: an answer that always raises is not right about sizes.
    """
    cases = exercise.cases
    raising = (case.name for case in cases if case.raises)
    exercise.parts["value"].cases = tuple(case.name for case in cases if not case.raises)
    exercise.parts["bad_size"].cases = (*raising, *fits)
