"""Looks for interfaces, and brings the loopback up."""

FAILS = {"hidden_delta"}

SOURCE = """
import fcntl, socket, struct

names = [name for _, name in socket.if_nameindex()]
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1))
    fcntl.ioctl(control, 0x8916, struct.pack("16sh14x", b"eth0", 1))
except OSError:
    pass
got = set(names) - {"lo"} != set()
"""


def submit(work):
    work.answer_if_got(SOURCE)
