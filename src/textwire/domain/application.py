"""Application: a program that calls in its account's name, proves itself with its own key, and is told of its messages."""

import msgspec


class Places(msgspec.Struct, frozen=True):
    """Where an application hears of things, "": nowhere. Columns in order.

    `kept` is a JSON object that the API keeps by which the application was made, and that nobody else reads.
    """

    inbound_url: str = ""
    status_url: str = ""
    kept: str = "{}"


class Application(msgspec.Struct, frozen=True):
    """`id` is its principal's; `public_key` is PEM, "": there is none. Times in µs UTC."""

    id: int
    public_id: str
    name: str
    created_at: int
    public_key: str
    places: Places = Places()
