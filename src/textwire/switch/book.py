"""The write of verbs that come rarely: one wish after the other, each seeing what the one before has done."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from textwire.domain.refusal import Refusal
from textwire.store.committer import Unit

Step = Callable[[Unit, Any], Awaitable[Any]]
"""What a wish does. It raises a Refusal before it has written anything."""


class Book:
    """The write: each wish by the step of its type."""

    def __init__(self, steps: Mapping[type, Step]) -> None:
        self._steps = steps

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        outcomes: list[Any] = []
        for item in items:
            try:
                outcomes.append(await self._steps[type(item)](unit, item))
            except Refusal as refusal:
                outcomes.append(refusal)
        return outcomes
