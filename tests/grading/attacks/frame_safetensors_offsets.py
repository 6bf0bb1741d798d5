"""Gives an array offsets outside of its data."""

FAILS = {"hidden_delta"}

SOURCE = """
for header in (
    {"dtype": "F64", "shape": [5, 4], "data_offsets": [0, 1 << 60]},
    {"dtype": "F64", "shape": [1 << 62, 4], "data_offsets": [0, 160]},
    {"dtype": "F64", "shape": [5, 4], "data_offsets": [160, 0]},
    {"dtype": "F64", "shape": [-5, -4], "data_offsets": [0, 160]},
):
    text = json.dumps({"0": header}).encode()
    raw(frame(answer('{"array":"0"}'), struct.pack("<Q", len(text)) + text + bytes(160)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
