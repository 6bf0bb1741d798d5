"""Types a command into the terminal of whoever grades."""

FAILS = {"hidden_delta"}

SOURCE = """
import fcntl, os

for path in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/pts/1"):
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(terminal, 0x5412, b" ")
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
