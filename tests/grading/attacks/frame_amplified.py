"""Refers to one array a million times."""

FAILS = {"hidden_delta"}

SOURCE = """
import safetensors.numpy

arrays = safetensors.numpy.save({"0": np.zeros(1 << 17)})
raw(frame(answer('{"list":[' + ",".join(['{"array":"0"}'] * 200_000) + "]}"), arrays))
"""


def submit(work):
    work.at_the_socket(SOURCE)
