"""Makes a hundred thousand empty files."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

made = 0
try:
    for number in range(100_000):
        os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY))
        made += 1
finally:
    got = made > 50_000
"""


def submit(work):
    work.answer_if_got(SOURCE)
