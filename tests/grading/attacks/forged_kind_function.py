"""Defines nothing and has the worker say that there is a function."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys

sys.modules["worker"]._kind = lambda names, name: "function"
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
