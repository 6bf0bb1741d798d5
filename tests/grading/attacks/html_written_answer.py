"""Writes scripts, handlers and links that act into a written answer."""

FAILS = set()


def submit(work):
    EVIL = (
        "<script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"
        " [x](javascript:alert(1)) <a href='javascript:alert(1)'>x</a> <iframe src=//x></iframe>"
    )
    for name in ("delta_why", "vanishing_why"):
        work.answer(name, EVIL)
