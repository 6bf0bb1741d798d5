"""From the bytes of any notebook to the answers in it, by cell id; nothing else of it is used.

Grading and `check_all` read notebooks with it, so that both see the same answers.
Every input has a result: a notebook that cannot be read has a reason and no answers.

| module | what it does |
|---|---|
| `assignment` | what the chapter's notebook is as released |
| `decode` | bytes → cells: `foreign`, `encodings`, `archives`, `conflicts`, `json_text`, `scripts` |
| `recover` | cells → answers: `cells`, `locate`, `statements`, `helpers`, `written`, `pictures` |
| `limits` | what a file may be |
"""

from dlarch.importer.limits import MAX_ANSWER, MAX_CELLS, MAX_FILE
from dlarch.importer.notebook import import_notebook
from dlarch.importer.recover import OTHER_NOTEBOOK
from dlarch.importer.submission import Submission

__all__ = [
    "MAX_ANSWER",
    "MAX_CELLS",
    "MAX_FILE",
    "OTHER_NOTEBOOK",
    "Submission",
    "import_notebook",
]
