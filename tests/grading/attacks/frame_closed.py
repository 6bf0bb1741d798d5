"""Closes the connection and goes on."""

FAILS = {"hidden_delta"}

SOURCE = """
os.close(3)
connection.close()
"""


def submit(work):
    work.at_the_socket(SOURCE)
