"""Breaks a server from inside wherever a text says so, with errors and warnings whose words are the text itself.

Loaded by the interpreter before the server (as `sitecustomize`), so that what fails is the real program.
"""

import os
import sys
from pathlib import Path

SOURCE = '''
import sys
if "serve" in sys.orig_argv:
    import asyncio, logging, threading
    from textwire.access.access import Access
    from textwire.carriers.simulated.carrier import SimulatedCarrier
    from textwire.facades.api import views
    from textwire.facades.api.live import words
    from textwire.hooks.client import Client
    from textwire.store.committer import Committer
    from textwire.web.request import Request

    def wrap(owner, name, word, value):
        """After this, `owner.name` fails whenever what `value` makes of its arguments has the word in it."""
        real = getattr(owner, name)
        if asyncio.iscoroutinefunction(real):
            async def broken(*args, **more):
                said = str(value(*args, **more))
                if word in said:
                    raise RuntimeError(said)
                return await real(*args, **more)
        else:
            def broken(*args, **more):
                said = str(value(*args, **more))
                if word in said:
                    raise RuntimeError(said)
                return real(*args, **more)
        setattr(owner, name, broken)

    wrap(views, "message", "BREAK-VIEW", lambda *said, **more: said)
    wrap(words, "event", "BREAK-LIVE", lambda *said, **more: said)
    wrap(Access, "password", "BREAK-LOGIN", lambda self, *said, **more: said)
    wrap(Client, "post", "BREAK-POST", lambda self, *said, **more: said)
    real_tell = Committer._tell

    def tell(self, events):
        def fails(told):
            raise RuntimeError(repr(told))
        self.observers.append(fails)
        real_tell(self, events)
        self.observers.remove(fails)
    Committer._tell = tell

    real_query = Request.query.fget

    def query(self):
        found = real_query(self)
        said = repr(found) + repr(self.scope["headers"])
        if "BREAK-LOOP" in said:
            loop = asyncio.get_running_loop()
            def fails():
                raise RuntimeError(said)
            async def forgotten():
                raise RuntimeError(said)
            loop.call_soon(fails)
            loop.create_task(forgotten())
            threading.Thread(target=fails).start()
            for name in ("uvicorn.error", "websockets.server", "asyncio", "some.library"):
                for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
                    logging.getLogger(name).log(level, "request %s failed", said)
                try:
                    fails()
                except RuntimeError:
                    logging.getLogger(name).exception("request %s failed", said)
            class Last:
                def __del__(self):
                    raise RuntimeError(said)
            Last()
        return found
    Request.query = property(query)
'''


def environment(place: Path) -> dict[str, str]:
    """What a server is given to be broken."""
    (place / "sitecustomize.py").write_text(SOURCE)
    return {"PYTHONPATH": os.pathsep.join([str(place), *sys.path[:1], os.environ.get("PYTHONPATH", "")])}
