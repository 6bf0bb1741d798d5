"""Sends numbers that no float can hold."""

FAILS = {"hidden_delta"}

SOURCE = """
raw(
    frame(answer('{"list":[1e999999,-1e999999,NaN,Infinity,{"float":"' + "1" * 100000 + '"}]}'))
)
"""


def submit(work):
    work.at_the_socket(SOURCE)
