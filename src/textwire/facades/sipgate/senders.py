"""What an extension sends as: the caller id it has chosen, or the vendor's own name."""

from typing import Final

from textwire.domain.message import EXTENSION_NAME
from textwire.store.extensions import CallerId, Extension
from textwire.switch.extensions import chosen

BUILT_IN: Final = EXTENSION_NAME  # the factory's default


def sender_of(extension: Extension, callers: list[CallerId]) -> str:
    """The address; `callers` are the extension's own caller ids."""
    number = chosen(extension, callers)
    return next((one.address for one in callers if one.number == number), BUILT_IN)
