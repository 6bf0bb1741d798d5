"""What a check costs beside the learner's own function: `python benchmarks/check_latency.py`.

For every exercise: the time of `check` on the reference solution, less the time that the same calls take
without it, as the median of several runs; then the median over all exercises.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT
from autograder.exercise import Exercise
from dlarch import checks_file, drivers
from dlarch.check import FILE_NAME
from dlarch.judge import judge
from dlarch.report import table

RUNS = 5


def median_ms(function: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        function()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def added_ms(exercise: Exercise, path: Path) -> float:
    """Time everything that check does but the calls of the function itself."""
    checks = checks_file.load(path)
    whole = checks.expectation(exercise.name)
    part = next(iter(whole.parts))
    selected = whole.for_part(part)
    answer = next(iter(exercise.alternatives.values()))
    outcomes = [drivers.run(selected.driver, answer, case.arguments) for case in selected.cases]

    def overhead() -> None:
        decoded = checks_file.load(path).expectation(exercise.name).for_part(part)
        table(judge(decoded, outcomes, part))

    return median_ms(overhead)


def main() -> None:
    added = {}
    for stem in CHAPTERS:
        path = ROOT / "notebooks" / stem / FILE_NAME
        for exercise in load_chapter(stem).exercises.values():
            added[f"{stem} {exercise.name}"] = added_ms(exercise, path)
    for name, milliseconds in sorted(added.items(), key=lambda item: -item[1]):
        print(f"{name:<48} {milliseconds:8.2f} ms")
    print(f"median over {len(added)} exercises: {statistics.median(added.values()):.2f} ms")


if __name__ == "__main__":
    main()
