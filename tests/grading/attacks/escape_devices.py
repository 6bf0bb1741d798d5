"""Opens the machine's memory, disks and terminals, and makes devices."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, stat

for name in (
    "mem",
    "kmem",
    "port",
    "kmsg",
    "sda",
    "vda",
    "nvme0n1",
    "fuse",
    "kvm",
    "loop-control",
    "net/tun",
    "tty1",
):
    try:
        os.open("/dev/" + name, os.O_RDWR)
        got = True
    except OSError:
        pass
for place in ("/tmp", "/dev/shm"):
    try:
        os.mknod(place + "/mem", stat.S_IFCHR | 0o666, os.makedev(1, 1))
        os.open(place + "/mem", os.O_RDONLY)
        got = True
    except OSError:
        pass
"""


def submit(work):
    work.answer_if_got(SOURCE)
