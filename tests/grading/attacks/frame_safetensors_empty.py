"""Sends an array of no elements and a shape of billions."""

FAILS = {"hidden_delta"}

SOURCE = """
text = json.dumps(
    {"0": {"dtype": "F64", "shape": [0, 1 << 40], "data_offsets": [0, 0]}}
).encode()
raw(frame(answer('{"array":"0"}'), struct.pack("<Q", len(text)) + text))
"""


def submit(work):
    work.at_the_socket(SOURCE)
