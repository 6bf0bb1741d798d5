"""Looks for a checks file, or for exercises, wherever the course's own code lies."""

FAILS = {"hidden_delta"}

SOURCE = """
import os
from pathlib import Path

import dlarch

for folder, _, files in os.walk(Path(dlarch.__file__).parent):
    for name in files:
        if name.endswith((".safetensors", ".ipynb")) or "exercises" in folder:
            got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
