"""What an answer needs from other cells of the notebook, statement by statement."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from dlarch.importer.statements import Statement, same_code, statements

MOST = 200
"""Statements that are taken along for one answer."""


@dataclass
class Pool:
    """Statements of cells that grading does not run as a whole.

    Args:
        trusted: names that are the course's own; no statement that binds one is ever taken.
    """

    trusted: frozenset[str]
    _binding: dict[str, list[tuple[int, Statement]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _changing: dict[str, list[tuple[int, Statement]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _stars: list[tuple[int, Statement]] = field(default_factory=list)
    _size: int = 0

    def add(self, source: str, only_definitions: bool = False) -> None:
        """Add a cell's statements.

        Args:
            source: the cell.
            only_definitions: leave out what computes: of cells that show something.
        """
        for statement in statements(source):
            self._size += 1
            if only_definitions and statement.kind not in ("definition", "import"):
                continue
            if "*" in statement.binds:
                self._stars.append((self._size, statement))
            for name in statement.binds:
                self._binding[name].append((self._size, statement))
            for name in statement.changes - statement.binds:
                self._changing[name].append((self._size, statement))

    def needed(self, names: Iterable[str]) -> tuple[list[Statement], set[str]]:
        """Give the statements that define names, with what these need in turn, and the names found."""
        taken: dict[int, Statement] = {}
        found: set[str] = set()
        waiting, seen = sorted(names), set(names)
        unknown = False
        while waiting and len(taken) < MOST:
            name = waiting.pop()
            new = self._of(name)
            unknown |= not new
            found |= {name} if new else set()
            for place, statement in new:
                taken[place] = statement
                more = statement.uses - seen - self.trusted
                seen |= more
                waiting += sorted(more)
        if unknown and self._stars:
            taken.update(self._stars[-1:])
        return [taken[place] for place in sorted(taken)], found

    def redefined(self, names: Iterable[str], trusted: dict[str, str]) -> list[str]:
        """List the course's names that the learner gave another meaning to.

        Args:
            names: which to look for.
            trusted: the course's own statement of each.
        """
        return sorted(
            name
            for name in names
            if any(
                statement.kind != "other" and not same_code(statement.text, trusted[name])
                for _, statement in self._binding.get(name, [])
                if name in trusted
            )
        )

    def _of(self, name: str) -> list[tuple[int, Statement]]:
        """Give the last statement that defines a name, and those after it that change the value."""
        binding = [
            entry for entry in self._binding.get(name, []) if not entry[1].binds & self.trusted
        ]
        fresh = [entry for entry in binding if entry[1].kind != "other"]
        if not binding:
            return []
        if fresh and fresh[-1][1].kind in ("definition", "import"):
            return fresh[-1:]
        start = fresh[-1][0] if fresh else binding[0][0]
        changing = [
            entry for entry in self._changing.get(name, []) if not entry[1].binds & self.trusted
        ]
        return [entry for entry in sorted(binding + changing, key=_place) if entry[0] >= start]


def _place(entry: tuple[int, Statement]) -> int:
    return entry[0]
