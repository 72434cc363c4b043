"""The bare HTTP baseline: our listener and router with a handler that reads the body and answers a small JSON."""

# Prints its URL and serves until its input ends. It takes the same POST as the own API.

import asyncio
import gc
import sys

import uvloop

from bench.doors import PATH
from textwire.web.request import BODY_LIMIT, Request
from textwire.web.response import Response, json_response
from textwire.web.router import Router
from textwire.web.routes import Door, Route
from textwire.web.server import Listener

ANSWER = {"id": "7723049210412924928", "state": "queued"}


async def echo(request: Request) -> Response:
    """201, as for a message."""
    await request.body()
    return json_response(ANSWER, 201)


async def serve() -> None:
    """Until the input ends."""
    door = Door(name="echo", prefixes=("/api",), routes=(Route("POST", PATH, echo, BODY_LIMIT),))
    listener = Listener(Router([door]), "127.0.0.1", 0)
    await listener.start()
    gc.collect()
    gc.freeze()
    print(listener.url, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await listener.stop()


if __name__ == "__main__":
    uvloop.run(serve())
