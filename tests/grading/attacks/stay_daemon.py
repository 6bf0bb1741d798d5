"""Leaves a process behind in a session of its own."""

FAILS = set()

SOURCE = """
import subprocess

subprocess.Popen(["sleep", "300"], start_new_session=True)
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
