"""Looks for settings of the grading run in its own heap and stack."""

FAILS = {"hidden_delta"}

SOURCE = """
import re

content = b""
for line in open("/proc/self/maps"):
    if "[heap]" in line or "[stack]" in line:
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        with open("/proc/self/mem", "rb") as memory:
            memory.seek(start)
            content += memory.read(end - start)
parts = [b"$classroom", b"/verdicts"]
got = b"".join(parts) in content
"""


def submit(work):
    work.answer_if_got(SOURCE)
