"""Examples: a plausible value for every schema, by the name of the field where that says more than its type."""

from typing import Any, Final

from .schemas import Schema

REFERENCE: Final = "$ref"
DEEPEST: Final = 12

# What a field of this name holds, whoever's field it is.
BY_NAME: Final[dict[str, Any]] = {
    "id": "251908734615552000",
    "batch": "251908734615552000",
    "to": "+447700900123",
    "recipient": "+447700900123",
    "from": "+16139998877",
    "remote": "+447700900123",
    "number": "+16139998877",
    "numbers": ["+16139998877"],
    "text": "Your parcel comes at noon.",
    "ref": "order 7",
    "url": "https://example.com/textwire",
    "events": ["message.delivered", "message.received"],
    "encoding": "gsm7",
    "state": None,
    "price": "0.07",
    "balance": "99.93",
    "currency": "EUR",
    "country": "CA",
    "email": "ada@example.com",
    "validity": "2h",
    "advance": "24h",
    "next": None,
    "created_at": "2030-01-31T09:00:00.000Z",
    "updated_at": "2030-01-31T09:00:01.250Z",
}
# What it holds in one schema.
BY_PLACE: Final[dict[str, Any]] = {
    "MessageView.direction": "out",
    "MessageView.state": "submitting",
    "MessageView.on_ambiguous": "resend",
    "MessageView.batch": None,
    "HookView.state": "active",
    "HookWithSecret.state": "active",
    "HookWithSecret.secret": "whsec_…",
    "AccountView.state": "active",
    "AccountView.name": "demo",
}
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "text", "integer": 1, "number": 1.0, "boolean": False, "null": None, "object": {}, "array": [],
}  # fmt: skip


class Samples:
    """Makes them; `components` are the document's schemas."""

    def __init__(self, components: Schema) -> None:
        self._components = components

    def of(self, schema: Schema, name: str = "", deep: int = 0) -> Any:
        """A value that the schema takes."""
        if "examples" in schema:
            return schema["examples"][0]
        if REFERENCE in schema:
            place = schema[REFERENCE].rpartition("/")[2]
            schema = self._components[place]
            if deep < DEEPEST and "properties" in schema:
                return self._object(schema, place, deep)
        named = BY_NAME.get(name)
        if named is not None and fits(named, schema):
            return named
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._any(schema["anyOf"], name, deep)
        if schema.get("type") == "array":
            return [self.of(schema.get("items", {}), name, deep + 1)] if deep < DEEPEST else []
        return self._plain(schema, name)

    def _object(self, schema: Schema, place: str, deep: int) -> Any:
        form = (
            schema.get("additionalProperties") is False
        )  # of what can be left out, only what we know a value for
        told = {
            name: one
            for name, one in schema["properties"].items()
            if not form or name in schema["required"] or (name in BY_NAME and BY_NAME[name] is not None)
        }
        return {name: self._field(place, name, one, deep) for name, one in told.items()}

    def _field(self, place: str, name: str, schema: Schema, deep: int) -> Any:
        known = f"{place}.{name}"
        return BY_PLACE[known] if known in BY_PLACE else self.of(schema, name, deep + 1)

    def _any(self, parts: list[Schema], name: str, deep: int) -> Any:
        if name not in BY_NAME and {"type": "null"} in parts:
            return None  # nothing to say, like most of the time
        return self.of(parts[0], name, deep)

    def _plain(self, schema: Schema, name: str) -> Any:
        if name.endswith("_at") and schema.get("type") == "string":
            return BY_NAME["created_at"]
        if "minimum" in schema and schema["minimum"] > 1:
            return schema["minimum"]
        if "default" in schema:
            return schema["default"]
        return _BY_TYPE.get(str(schema.get("type")), {})


def fits(value: Any, schema: Schema) -> bool:
    """Whether a value is of a schema's type, as far as that is told by name alone."""
    kinds = [part.get("type") for part in schema.get("anyOf", [schema])]
    if isinstance(value, list):
        return "array" in kinds
    return "string" in kinds and "enum" not in schema and "pattern" not in schema
