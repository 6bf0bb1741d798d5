"""Leaves a grandchild behind that has cut all ties and ignores signals."""

FAILS = set()

SOURCE = """
import os, signal, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            time.sleep(1)
    os._exit(0)
os.wait()
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
