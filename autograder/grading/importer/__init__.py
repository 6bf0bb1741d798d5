"""From whatever was submitted to the answers in it, by cell id; nothing else of a submission is used.

Every input has a result: a notebook that cannot be read has a reason and no answers.

| module | what it does |
|---|---|
| `place` | folder → the file that is the submission |
| `decode` | bytes → cells: `foreign`, `encodings`, `archives`, `conflicts`, `json_text`, `scripts` |
| `recover` | cells → answers: `cells`, `locate`, `statements`, `helpers`, `written` |
| `limits` | what a file may be |
"""

from autograder.grading.importer.limits import MAX_ANSWER, MAX_CELLS, MAX_FILE
from autograder.grading.importer.notebook import import_notebook
from autograder.grading.importer.place import (
    import_file,
    import_folder,
    meant_chapter,
    misplaced,
)
from autograder.grading.importer.recover import OTHER_NOTEBOOK
from autograder.grading.importer.submission import Submission

__all__ = [
    "MAX_ANSWER",
    "MAX_CELLS",
    "MAX_FILE",
    "OTHER_NOTEBOOK",
    "Submission",
    "import_file",
    "import_folder",
    "import_notebook",
    "meant_chapter",
    "misplaced",
]
