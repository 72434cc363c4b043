"""A call is described once: what makes of its description a method for callers that block and for those that await."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

import msgspec

from .pages import AsyncPages, Page, Pages
from .plans import Plan
from .request import Request

if TYPE_CHECKING:
    from .awaiting import Awaiting
    from .blocking import Blocking

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D")


class Resource(Generic[D]):
    """Calls about one subject; `D` is the driver, by which types know whether they block or are awaited."""

    def __init__(self, driver: D) -> None:
        self._driver = driver


class _Described(Generic[P, T]):
    """A method made of its description; the description's signature and docstring are the method's."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Any]) -> None:
        self._describe = describe
        self.__doc__ = describe.__doc__

    def _bound(self, instance: Any, act: Callable[[Any], Any]) -> Any:
        @functools.wraps(self._describe)
        def method(*args: Any, **kwargs: Any) -> Any:
            return act(self._describe(instance, *args, **kwargs))

        return method


class call(_Described[P, T]):
    """A request; its answer is the result."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Request[T]]) -> None:
        super().__init__(describe)

    @overload
    def __get__(self, instance: None, owner: object) -> call[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Blocking], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Awaiting], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        return self if instance is None else self._bound(instance, instance._driver.call)


class steps(_Described[P, T]):
    """A plan of several requests and pauses; what it returns is the result."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Plan[T]]) -> None:
        super().__init__(describe)

    @overload
    def __get__(self, instance: None, owner: object) -> steps[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Blocking], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Awaiting], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        return self if instance is None else self._bound(instance, instance._driver.run)


class listing(_Described[P, T]):
    """A list that comes in pages; the result goes through all of them."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Request[Page[T]]]) -> None:
        super().__init__(describe)

    @overload
    def __get__(self, instance: None, owner: object) -> listing[P, T]: ...
    @overload
    def __get__(self, instance: Resource[Blocking], owner: object) -> Callable[P, Pages[T]]: ...
    @overload
    def __get__(self, instance: Resource[Awaiting], owner: object) -> Callable[P, AsyncPages[T]]: ...
    def __get__(self, instance: Any, owner: object) -> Any:
        return self if instance is None else self._bound(instance, instance._driver.pages)


def following(request: Request[Any], cursor: str) -> Request[Any]:
    """The request of the page behind this cursor."""
    return msgspec.structs.replace(request, query={**request.query, "cursor": cursor})
