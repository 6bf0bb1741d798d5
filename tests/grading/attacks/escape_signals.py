"""Signals everybody: by kill -1, by number, by group."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, signal

if os.getpid() != 1:
    raise SystemExit  # outside of a sandbox this would end the session
for target in (-1, $pid, $grader, -$grader, os.getppid()):
    if target:
        try:
            os.kill(target, signal.SIGKILL)
            got = got or target != -1
        except OSError:
            pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
