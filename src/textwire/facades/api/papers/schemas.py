"""The schemas of everything that operations read and answer, made of the types that they really use."""

import re
import types
import typing
from collections.abc import Iterable
from typing import Any, Final

import msgspec

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/"
_REFERENCE: Final = re.compile(rf'"\$ref":"{_REF}(\w+)"')
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9]+")
# Types whose names say enough only where they are written.
_KNOWN_AS: Final = {
    "Form": "MessageForm",
    "Span": "Milliseconds",
    "Batch": "SentToMany",
    "State": "ServerState",
}


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


def mentioned(part: Any, components: Schema) -> set[str]:
    """The components that a part of the document refers to, and those that they refer to."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        names = set(_REFERENCE.findall(msgspec.json.encode(waiting.pop()).decode())) - found
        found |= names
        waiting += [components[name] for name in names]
    return found


def _parts(kind: Any) -> tuple[Any, ...]:
    """msgspec describes no union of Structs, because it could not read one; an answer may be one."""
    return typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)


def _named(components: Schema) -> dict[str, str]:
    """The names that readers see. Two that become one are told apart by a figure."""
    names: dict[str, str] = {}
    for name in components:
        spoken = _KNOWN_AS.get(name) or _short(name)
        names[name] = spoken if spoken not in names.values() else f"{spoken}{len(names)}"
    return names


def _short(name: str) -> str:
    """`Page_MessageView_` is PageOfMessageView; of a path, which tells namesakes apart, the room and the name."""
    if "." not in name:
        return "Of".join(_NOT_IN_NAMES.sub(" ", name).split())
    words = name.rpartition("api.")[2].split(".")
    return "".join(word[:1].upper() + word[1:] for word in dict.fromkeys((words[0], words[-1])))


def _spoken(schema: Any, names: dict[str, str]) -> Any:
    """A schema with our names, and patterns in the words of ECMA 262, which JSON Schema prescribes."""
    if isinstance(schema, list):
        return [_spoken(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    said = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    spoken = {key: _spoken(value, names) for key, value in said.items()}
    if isinstance(ref := spoken.get("$ref"), str):
        spoken["$ref"] = _REF + names[ref.removeprefix(_REF)]
    if isinstance(pattern := spoken.get("pattern"), str):
        spoken["pattern"] = pattern.replace(r"\Z", "$")
    return spoken
