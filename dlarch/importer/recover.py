"""From the cells of a submission to its answers.

An answer is found by the names of its cell, by the function it defines, and by its place between cells
that are known. Untouched cells are no answers. What was done is said in the notes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from dlarch.importer.assignment import GUIDANCE, Assignment, Cell
from dlarch.importer.cells import LearnerCell, read_cells
from dlarch.importer.helpers import Pool
from dlarch.importer.limits import MAX_ANSWER
from dlarch.importer.locate import join_pieces, locate, plain
from dlarch.importer.statements import Statement, same_code, statements
from dlarch.importer.submission import Submission
from dlarch.importer.written import written_answers

ANSWERS = ("answer", "written code")
MOST_NOTES = 40
OTHER_NOTEBOOK = "holds no cell of this chapter: it is another notebook"


def recover(content: list[object], assignment: Assignment, notes: list[str]) -> Submission:
    """Find the answers in the cells of a notebook.

    Args:
        content: the cells, as its JSON has them.
        assignment: what the master says.
        notes: what was said already about the file.
    """
    submission = Submission(notes=list(notes))
    dropped: dict[str, str] = {}
    cells = read_cells(content, submission.notes, dropped)
    cells = join_pieces(cells, assignment)
    locate(cells, assignment)
    if not _is_of_chapter(cells, assignment, dropped):
        submission.failure = OTHER_NOTEBOOK if cells else "has no cells"
        return submission
    Answers(cells, assignment, submission).find()
    written_answers(cells, assignment, submission)
    _name_lost(cells, assignment, submission, dropped)
    submission.notes = list(dict.fromkeys(submission.notes))[:MOST_NOTES]
    return submission


class Answers:
    """The search for code answers in one notebook."""

    def __init__(
        self, cells: list[LearnerCell], assignment: Assignment, submission: Submission
    ) -> None:
        self.cells, self.assignment, self.submission = cells, assignment, submission
        self.released = {cell.id: cell for cell in assignment.cells}
        self.chosen: dict[str, LearnerCell] = {}
        self.whole: set[int] = set()
        """Numbers of the cells that are taken as a whole."""

    def find(self) -> None:
        """Fill in answers, extra cells and notes."""
        for answer, candidates in self._candidates().items():
            chosen = self._choose(answer, candidates)
            self.chosen[answer] = chosen
            if chosen.place == answer or len(chosen.defines) <= 1:
                self.whole.add(chosen.number)
        pool = self._pool()
        sources = {answer: self._source(answer, cell) for answer, cell in self.chosen.items()}
        for answer in sources:
            self.submission.answers[answer] = self._with_helpers(answer, sources, pool)
        self._drop_unused_imports()
        self._collect_extra()

    def _candidates(self) -> dict[str, list[LearnerCell]]:
        """Give, for each answer, the cells that may hold it, untouched ones left out."""
        found: dict[str, list[LearnerCell]] = defaultdict(list)
        for cell in self.cells:
            target = self.released.get(cell.place)
            if target is not None and target.kind not in ANSWERS and _untouched(cell, target):
                continue
            for answer in cell.defines:
                if not self._is_stub(cell, answer):
                    found[answer].append(cell)
            own = target is not None and target.kind in ANSWERS and not cell.defines
            if own and not _untouched(cell, target):
                found[cell.place].append(cell)
        missing = {cell.id for cell in self.assignment.of(*ANSWERS)} - set(found)
        missing -= {cell.place for cell in self.cells}
        for answer in missing:
            between = _between(self.cells, self.assignment, answer)
            if between:
                found[answer] = between
                self._note(answer, "the answer was found by its place between other cells")
        order = [cell.id for cell in self.assignment.cells]
        return {answer: found[answer] for answer in sorted(found, key=order.index)}

    def _is_stub(self, cell: LearnerCell, answer: str) -> bool:
        """Say whether a cell has the function of an answer as it was released."""
        stub = {
            name: statement
            for statement in statements(self.released[answer].source)
            for name in statement.binds
        }
        own = {
            name: statement
            for statement in statements(cell.source)
            for name in statement.binds
            if name in stub
        }
        return all(same_code(own[name].text, stub[name].text) for name in own)

    def _choose(self, answer: str, candidates: list[LearnerCell]) -> LearnerCell:
        """Choose among several cells: the last that ran before the check, else the last above it."""
        whole = [cell for cell in candidates if answer in cell.defines]
        if not whole:
            first = candidates[0]
            if len(candidates) > 1:
                first.source = "\n\n".join(cell.source for cell in candidates)[:MAX_ANSWER]
                first.place = answer
            return first
        checks = {cell.id for cell in self.assignment.cells if cell.exercise == answer}
        check = next((cell for cell in self.cells if cell.place in checks), None)
        ran = [cell for cell in whole if cell.count]
        if ran:
            before = [cell for cell in ran if check and check.count and cell.count < check.count]
            chosen = max(before or ran, key=lambda cell: (cell.count, cell.number))
        else:
            above = [cell for cell in whole if check and cell.number < check.number]
            chosen = (above or whole)[-1]
        if len({plain(cell.source) for cell in whole}) > 1:
            how = "the last that ran" if ran else "the last one"
            numbers = ", ".join(str(cell.number) for cell in whole[:10])
            self._note(
                answer,
                f"it is defined in several cells ({numbers}): {how}, in cell {chosen.number}, "
                "was graded",
            )
        if chosen.place != answer:
            self._note(
                answer,
                f"the answer was found in cell {chosen.number} by the name of its function, "
                "and not in its own cell",
            )
        return chosen

    def _pool(self) -> Pool:
        trusted = frozenset(self.assignment.given) | set(self.assignment.functions) | {"check"}
        pool = Pool(trusted)
        for cell in self.cells:
            target = self.released.get(cell.place)
            untouched = target is not None and _untouched(cell, target)
            if cell.kind == "markdown" or cell.number in self.whole:
                continue
            if untouched and target.kind not in ("demonstration", "shown"):
                continue
            pool.add(cell.source, only_definitions=untouched)
        return pool

    def _source(self, answer: str, cell: LearnerCell) -> str:
        """Give the text of an answer: its whole cell, or the functions in a cell of several answers."""
        if cell.number in self.whole:
            return _without_checks(cell.source)
        names = {name for name, place in self.assignment.functions.items() if place == answer}
        taken = [item for item in statements(cell.source) if item.binds & names]
        return _joined(taken)

    def _with_helpers(self, answer: str, sources: dict[str, str], pool: Pool) -> str:
        """Put before an answer what it needs from cells that grading does not run."""
        source = sources[answer]
        own = statements(source)
        used = frozenset().union(*(item.uses for item in own))
        given = frozenset().union(*(item.binds for item in own)) | pool.trusted
        others = [statements(text) for other, text in sources.items() if other != answer]
        given |= frozenset(name for items in others for item in items for name in item.binds)
        taken, found = pool.needed(used - given)
        changed = pool.redefined(used & set(self.assignment.given), self.assignment.given)
        if changed:
            self._note(
                answer,
                f"your notebook gives {_listed(changed)} another meaning: grading takes the course's",
            )
        helpers = _joined(taken)
        if not helpers or len(helpers) + len(source) > MAX_ANSWER:
            return source
        self._note(answer, f"{_listed(sorted(found))} was taken along from another cell")
        return f"{helpers}\n\n\n{source}"

    def _drop_unused_imports(self) -> None:
        """Leave out imports at the top of answers that no answer uses: they may be refused."""
        answers = self.submission.answers
        parts = {answer: statements(source) for answer, source in answers.items()}
        used = {
            name
            for items in parts.values()
            for item in items
            if item.kind != "import"
            for name in item.uses
        }
        for answer, items in parts.items():
            unused = [
                item
                for item in items
                if item.kind == "import"
                and not item.binds & (used | {"*"})
                and "__future__" not in item.text
            ]
            lines = answers[answer].split("\n")
            if not unused or not _alone(unused, items):
                continue
            for item in unused:
                for line in range(item.first, item.end):
                    lines[line] = f"# {lines[line]}"
            answers[answer] = "\n".join(lines)
            names = sorted(name for item in unused for name in item.binds)
            self._note(answer, f"the import of {_listed(names)} was left out: no answer uses it")

    def _collect_extra(self) -> None:
        before = ""
        for cell in self.cells:
            target = self.released.get(cell.place)
            before = cell.place or before
            kept = target is not None and (target.kind in ANSWERS or _untouched(cell, target))
            checks = target is not None and target.kind in ("check", "test", "written", "text")
            if cell.kind != "code" or cell.number in self.whole or kept or checks:
                continue
            self.submission.extra.append((before, cell.source))

    def _note(self, answer: str, text: str) -> None:
        self.submission.notes.append(f"{answer}: {text}")


def _between(cells: list[LearnerCell], assignment: Assignment, answer: str) -> list[LearnerCell]:
    """Give the unknown code cells where a missing answer would stand."""
    order = [cell.id for cell in assignment.cells]
    wanted = order.index(answer)
    before = [number for number, cell in enumerate(cells) if cell.place in order[:wanted]]
    after = [number for number, cell in enumerate(cells) if cell.place in order[wanted + 1 :]]
    if not before or not after:
        return []
    gap = cells[before[-1] + 1 : min((n for n in after if n > before[-1]), default=0)]
    return [cell for cell in gap if cell.kind == "code" and not cell.place and not cell.defines]


def _untouched(cell: LearnerCell, target: Cell) -> bool:
    if plain(cell.source) == plain(target.source):
        return True
    return target.kind in ANSWERS and same_code(cell.source, target.source)


def _without_checks(source: str) -> str:
    """Leave out calls of `check` that were merged into an answer: no checks file lies beside it."""
    if "check(" not in source:
        return source
    items = statements(source)
    calls = [item for item in items if item.kind == "other" and item.text.startswith("check(")]
    if not calls or not _alone(calls, items):
        return source
    lines = source.split("\n")
    for item in calls:
        for line in range(item.first, item.end):
            lines[line] = f"# {lines[line]}"
    return "\n".join(lines)


def _alone(items: Iterable[Statement], all_items: Iterable[Statement]) -> bool:
    """Say whether statements share no line with another one."""
    on_line = Counter(line for item in all_items for line in range(item.first, item.end))
    return all(on_line[line] == 1 for item in items for line in range(item.first, item.end))


def _joined(taken: Iterable[Statement]) -> str:
    return "\n\n".join(dict.fromkeys(item.text for item in taken))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _is_of_chapter(
    cells: list[LearnerCell], assignment: Assignment, dropped: dict[str, str]
) -> bool:
    """Say whether anything in a notebook is of the chapter; ids like cell-07 are in every one."""
    graded = {cell.id for cell in assignment.graded}
    texts = {
        plain(cell.source)
        for cell in assignment.cells
        if cell.kind == "text" and cell.id not in GUIDANCE
    }  # set-up cells may be alike in two chapters
    return bool(graded.intersection(dropped)) or any(
        cell.defines or cell.place in graded or plain(cell.source) in texts for cell in cells
    )


def _name_lost(
    cells: list[LearnerCell],
    assignment: Assignment,
    submission: Submission,
    dropped: dict[str, str],
) -> None:
    there = {cell.place for cell in cells} | set(submission.answers)
    lost = []
    for cell in assignment.of("answer", "written", "written code"):
        if cell.id in dropped and cell.id not in submission.answers:
            submission.reasons[cell.id] = dropped[cell.id]
        elif cell.id not in there:
            lost.append(cell.id)
            submission.reasons[cell.id] = "no cell of the notebook holds it"
    if lost:
        submission.notes.append(f"no cell of the notebook holds {_listed(lost)}")
