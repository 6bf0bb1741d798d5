"""Sends a tensor where an array is due, of types and gradients that torch does not have."""

FAILS = {"hidden_delta"}

SOURCE = """
for dtype, kind in (
    ("U16", "tensor"),
    ("I64", "parameter"),
    ("BOOL", "parameter"),
    ("F64", "tensor"),
):
    text = json.dumps(
        {
            "0": {
                "dtype": dtype,
                "shape": [1],
                "data_offsets": [0, {"U16": 2, "BOOL": 1}.get(dtype, 8)],
            }
        }
    ).encode()
    data = bytes({"U16": 2, "BOOL": 1}.get(dtype, 8))
    raw(frame(answer(json.dumps({kind: "0"})), struct.pack("<Q", len(text)) + text + data))
"""


def submit(work):
    work.at_the_socket(SOURCE)
