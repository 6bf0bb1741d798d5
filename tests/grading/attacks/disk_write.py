"""Writes wherever it can: next to secrets, into the classroom, the course, the packages."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, sys

for folder in (
    "$lure",
    "$lure/open",
    "$classroom",
    "$classroom/submitted/ada",
    "$root",
    "$root/dlarch",
    "/usr",
    "/etc",
    "/dev",
    "/home",
    "/course",
    "/course/dlarch",
    "/",
    sys.prefix,
    *sys.path,
):
    try:
        with open(os.path.join(folder, "hostile.py"), "w") as file:
            file.write("raise SystemExit")
    except OSError:
        pass


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
