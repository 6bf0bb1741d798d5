"""Walks over everything it can see and searches it for answers."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, time

end = time.monotonic() + 0.7
for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr", "/lib")) or "site-packages" in folder:
        continue
    for name in files:
        if name.endswith((".py", ".txt", ".ipynb")):
            with open(os.path.join(folder, name), "rb") as file:
                got = got or holds(file.read(1 << 20))
    if time.monotonic() > end:
        break
"""


def submit(work):
    work.answer_if_got(SOURCE)
