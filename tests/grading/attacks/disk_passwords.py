"""Reads accounts, keys and the home of whoever grades."""

FAILS = {"hidden_delta"}

SOURCE = """
import glob, os

for pattern in [
    "/etc/shadow",
    "/etc/passwd",
    "/root/*",
    "/root/.*",
    "/root/.ssh/*",
    "/root/.config/**/*",
    "/home/*/.ssh/*",
    "/var/lib/**/*",
    "/run/**/*",
]:
    for path in glob.glob(pattern, recursive=True, include_hidden=True):
        try:
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    got = got or bool(file.read(1))
        except OSError:
            pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
