"""The one exception that ends a command with a sentence."""


class Refusal(Exception):
    """A command cannot go on; the message is a sentence that says what the reader can do."""
