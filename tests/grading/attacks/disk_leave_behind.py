"""Leaves files and start-up scripts for whoever comes next."""

FAILS = set()

SOURCE = """
import os, pathlib

for place in (
    "/tmp",
    os.path.expanduser("~"),
    "/dev/shm",
    os.path.expanduser("~/.ipython/profile_default/startup"),
    os.path.expanduser("~/.config/matplotlib"),
    os.path.expanduser("~/.local/lib/python3.11/site-packages"),
):
    try:
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        for name in ("left_behind.txt", "usercustomize.py", "00.py", "hostile.pth"):
            (pathlib.Path(place) / name).write_text('slopes["secret"]')
    except OSError:
        pass
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
