"""Runs the machine's set-user-id programs."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, subprocess

for program in ("su", "sudo", "mount", "newgrp", "pkexec", "newuidmap", "bwrap"):
    try:
        done = subprocess.run(
            [program, "-c", "id -u"], capture_output=True, timeout=1, stdin=subprocess.DEVNULL
        )
        got = got or done.stdout.strip() == b"0"
    except (OSError, subprocess.TimeoutExpired):
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
