"""Puts modules named like the course's libraries where Python would look first."""

FAILS = set()

SOURCE = """
import os, sys

for name in ("torch", "numpy", "dlarch", "frames", "worker", "safetensors"):
    with open(name + ".py", "w") as file:
        file.write("raise SystemExit('shadowed')")
sys.path.insert(0, os.getcwd())
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
