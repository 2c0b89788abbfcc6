"""The one exception that ends an import with a sentence for the user."""


class Refusal(Exception):
    """The file cannot be imported; the message is the sentence that says why (with the line where it can)."""

    @property
    def reason(self) -> str:
        return str(self)
