"""The one error a person is meant to read."""


class Refused(Exception):  # noqa: N818 - it names what happened to the person's request
    """The request cannot be carried out. The message is one sentence: what, where, and how to mend it.

    Commands print the message alone and exit 1; a traceback would only hide it.
    """
