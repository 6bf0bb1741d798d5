"""Imports the staff's package in all ways there are."""

FAILS = {"hidden_delta"}

SOURCE = """
import importlib.util, sys

sys.path += ["$root", "$root/tests", "/"]
for name in ("autograder", "autograder.exercises.backpropagation", "nbgrader_config"):
    try:
        module = importlib.import_module(name)
        got = got or bool(getattr(module, "__file__", None))
    except Exception:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
