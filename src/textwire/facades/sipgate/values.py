"""Members of bodies as the vendor's decoder reads them: numbers are text, and "true" is true."""

from typing import Any

from textwire.domain.refusal import Refusal


def filled(value: Any, field: str) -> str:
    """A member that has to say something."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Refusal("invalid_field", f"{field} has to be text.", field)
    if not value.strip():
        raise Refusal("missing_field", f"{field} is empty.", field)
    return value


def truth(value: Any, field: str) -> bool:
    """A member that is true or false; the vendor's library writes it as text."""
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise Refusal("invalid_field", f"{field} has to be true or false.", field)
    return value
