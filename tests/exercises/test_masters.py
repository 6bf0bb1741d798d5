"""Masters are plain scripts too: each runs to its end, with full marks in every check."""

import os
import re
import subprocess
import sys
import time

import pytest

from autograder.chapters import CHAPTERS, load_chapter
from autograder.course import ROOT

LIMIT_S = 90
"""What a solved notebook may take on an idle machine; here it only bounds a run that hangs."""


@pytest.mark.slow
@pytest.mark.parametrize("stem", CHAPTERS)
def test_master_runs_to_its_end_in_time(stem, tmp_path):
    environment = {**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "2"}
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, ROOT / "solutions" / f"{stem}.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * LIMIT_S,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    exercises = load_chapter(stem).exercises.values()
    wanted = {
        f"{exercise.name}_{part}" if part else exercise.name
        for exercise in exercises
        for part in exercise.parts
    }
    assert set(re.findall(r"^✓ (\w+): passed", run.stdout, re.M)) == wanted
    print(f"{stem}: {time.monotonic() - started:.0f} s")
