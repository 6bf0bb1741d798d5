"""Gives each field twice, first the right one."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(
    frame(
        '{"dict":{"number":'
        + str(numbers[-1])
        + ',"value":1,"number":-1,"value":2,"error":null,"error":null}}'
    )
)
"""


def submit(work):
    work.at_the_socket(SOURCE)
