"""Has files whose names are HTML, options, patterns and lines."""

FAILS = set()


def submit(work):
    for name in ("<img src=x onerror=alert(1)>", "-rf", "*", "a\nb", "\x1b[2J", "x" * 200, "..."):
        work.files[name] = b"x"
