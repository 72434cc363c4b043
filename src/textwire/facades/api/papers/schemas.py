"""The schemas of everything that operations read and answer, made of the types that they really use."""

import re
import types
import typing
from collections.abc import Iterable
from typing import Any, Final

import msgspec

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")


class Schemas:
    """The components of a document, and a type's schema among them."""

    def __init__(self, kinds: Iterable[Any]) -> None:
        wanted = list(dict.fromkeys(part for kind in kinds for part in _parts(kind)))
        made, components = msgspec.json.schema_components(wanted, ref_template=_REF + "{name}")
        names = _named(components)
        self._of = {kind: _spoken(schema, names) for kind, schema in zip(wanted, made, strict=True)}
        spoken = {names[name]: _spoken(schema, names) for name, schema in components.items()}
        self.components: Schema = dict(sorted(spoken.items()))

    def of(self, kind: Any) -> Schema:
        """The schema of a type, or of any of several."""
        parts = _parts(kind)
        return self._of[parts[0]] if len(parts) == 1 else {"anyOf": [self._of[part] for part in parts]}

    def fields(self, kind: Any) -> tuple[dict[str, Schema], list[str]]:
        """The properties of a Struct, and which of them are required."""
        schema = self.components[self.of(kind)["$ref"].removeprefix(_REF)]
        return schema["properties"], schema["required"]


def _parts(kind: Any) -> tuple[Any, ...]:
    """msgspec describes no union of Structs, because it could not read one; an answer may be one."""
    return typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)


def _named(components: Schema) -> dict[str, str]:
    """Names without dots and brackets: `Page_MessageView_` is PageOfMessageView. Two that become one are told apart."""
    names: dict[str, str] = {}
    for name in components:
        short = _NOT_IN_NAMES.sub(" ", name.rpartition("api.")[2] if "." in name else name).split()
        spoken = (
            "Of".join(short) if "." not in name else "".join(word[:1].upper() + word[1:] for word in short)
        )
        names[name] = spoken if spoken not in names.values() else f"{spoken}{len(names)}"
    return names


def _spoken(schema: Any, names: dict[str, str]) -> Any:
    """A schema with our names, and patterns in the words of ECMA 262, which JSON Schema prescribes."""
    if isinstance(schema, list):
        return [_spoken(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    spoken = {key: _spoken(value, names) for key, value in schema.items() if key != "title"}
    if isinstance(ref := spoken.get("$ref"), str):
        spoken["$ref"] = _REF + names[ref.removeprefix(_REF)]
    if isinstance(pattern := spoken.get("pattern"), str):
        spoken["pattern"] = pattern.replace(r"\Z", "$")
    return spoken
