"""Posts per second of the webhook client to a loopback sink in a second process."""

# python -m bench.post [seconds] [connections]

import asyncio
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection as Pipe
from typing import cast

import uvloop

from textwire.hooks.client import Client, Limits
from textwire.hooks.guard import Policy
from textwire.hooks.sign import new_secret, sign

REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nServer: sink\r\n\r\nok"
BODY = b'{"id":"1","type":"message.delivered","data":"' + b"x" * 300 + b'"}'


class Sink(asyncio.Protocol):
    """Answers each chunk: a small request on a loopback connection arrives in one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(REPLY)


def sink(pipe: Pipe) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)

    uvloop.run(serve())


async def measure(port: int, seconds: float, connections: int) -> None:
    limits = Limits(per_origin=connections, per_node=connections)
    url = f"http://127.0.0.1:{port}/hook"
    secret = new_secret()
    done = 0
    end = time.perf_counter() + seconds

    async def worker(client: Client) -> None:
        nonlocal done
        while time.perf_counter() < end:
            now = int(time.time())
            headers = {
                "Content-Type": "application/json",
                "webhook-id": "msg_1",
                "webhook-timestamp": str(now),
                "webhook-signature": sign(secret, "msg_1", now, BODY),
            }
            reply = await client.post(url, headers, BODY)
            assert reply.status == 200
            done += 1

    async with Client(Policy(allow_loopback=True), limits=limits) as client:
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(worker(client) for _ in range(connections)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"{done / wall:,.0f} signed posts/s over {connections} connections, {cpu / done * 1e6:.1f} µs CPU each"
    )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=sink, args=(theirs,))
    process.start()
    try:
        uvloop.run(measure(ours.recv(), seconds, connections))
    finally:
        ours.send("stop")
        process.join()


if __name__ == "__main__":
    main()
