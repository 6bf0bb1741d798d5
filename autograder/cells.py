"""The empty cells of an exercise, as they stand in a master: one answer cell, a check cell for each part."""

import json

from autograder.chapters import load_chapter
from autograder.signature import parameters
from autograder.stubs import DELIMITERS

KINDS = {"cell_type": "code", "schema_version": 3, "task": False}


def cells_of(stem: str, function: str) -> str:
    """Give the empty cells of a declared exercise.

    Args:
        stem: the chapter's stem.
        function: the exercise's name.

    Raises:
        KeyError: the chapter declares no such exercise.
    """
    exercise = load_chapter(stem).exercises[function]
    points = {name: part.points for name, part in exercise.parts.items()}
    return empty_cells(function, exercise.signature, points)


def empty_cells(function: str, signature: str, points: dict[str, float]) -> str:
    """Give empty cells with nbgrader's metadata.

    Args:
        function: the name of the function, which is the id of its answer cell.
        signature: what the task asks for.
        points: of each part by name; an exercise that is one whole has the part "".
    """
    settings = {**KINDS, "grade_id": function, "grade": False, "locked": False, "solution": True}
    stub = [
        f"# %% nbgrader={json.dumps(settings, sort_keys=True)}",
        f"def {function}({', '.join(parameters(signature))}):",
        f'    """{signature}"""',
        *(f"    {line}" for line in DELIMITERS),
    ]
    for part, share in points.items():
        grade_id = f"test_{function}_{part}" if part else f"test_{function}"
        settings = {
            **KINDS, "grade_id": grade_id, "grade": True, "locked": True, "solution": False,
            "points": share,
        }  # fmt: skip
        call = f'check({function}, "{part}")' if part else f"check({function})"
        stub += ["", "", f"# %% nbgrader={json.dumps(settings, sort_keys=True)}", call]
    return "\n".join(stub)
