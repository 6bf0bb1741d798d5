"""Brings a checks file of its own, in which the wrong answer is right."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    work.files["checks.safetensors"] = b"\x08\0\0\0\0\0\0\0{}      "
