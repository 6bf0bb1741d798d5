"""Writes where packages are hidden: folders in memory that nobody would count."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

for line in open("/proc/self/mountinfo"):
    place = line.split()[4]
    if " tmpfs " in line and place not in ("/home/learner", "/tmp", "/dev/shm"):
        try:
            with open(os.path.join(place, "hostile"), "wb") as file:
                file.write(b"x" * 4096)
            got = True
        except OSError as error:
            refused = error
raise refused
"""


def submit(work):
    work.answer_if_got(SOURCE)
