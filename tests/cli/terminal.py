"""What must not be among characters that go to a terminal."""


def unsafe(text: str) -> list[str]:
    """Characters that a terminal acts upon, or that turn the text around them."""
    return [
        c for c in text
        if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ]  # fmt: skip
