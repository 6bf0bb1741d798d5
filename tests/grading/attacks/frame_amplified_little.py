"""Refers to one array often enough for two gigabytes, in few nodes."""

FAILS = {"hidden_delta"}

SOURCE = """
import safetensors.numpy

arrays = safetensors.numpy.save({"0": np.zeros(1 << 17)})
raw(frame(answer('{"list":[' + ",".join(['{"array":"0"}'] * 2000) + "]}"), arrays))
"""


def submit(work):
    work.at_the_socket(SOURCE)
