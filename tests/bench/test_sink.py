"""The sink counts each message's webhooks, in whatever pieces they come, and knows a forged signature."""

import asyncio
import json
import time
from unittest.mock import Mock

import pytest

from bench.sink import REPLY, SAMPLE, Connection, Sink
from textwire.hooks.sign import new_secret, sign

SECRET = new_secret()


def post(message: int, secret: str = SECRET) -> bytes:
    body = json.dumps(
        {"id": f"evt_{message}", "type": "message.delivered", "data": {"id": str(message)}}
    ).encode()
    now = int(time.time())
    head = (
        f"POST /hook HTTP/1.1\r\nHost: h\r\nWebhook-Id: evt_{message}\r\nwebhook-timestamp: {now}\r\n"
        f"webhook-signature: {sign(secret, f'evt_{message}', now, body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.fixture
def sink() -> Sink:
    made = Sink()
    made.trust(SECRET + "\n")
    return made


def connected(sink: Sink) -> tuple[Connection, Mock]:
    connection, transport = Connection(sink), Mock(asyncio.Transport)
    connection.connection_made(transport)
    return connection, transport


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_posts_in_pieces_of_any_size_are_each_answered_once(sink: Sink, size: int):
    connection, transport = connected(sink)
    stream = b"".join(post(n) for n in range(5))
    for at in range(0, len(stream), size):
        connection.data_received(stream[at : at + size])
    report = sink.report()
    assert (report.posts, report.messages, report.repeated) == (5, 5, 0)
    assert [call.args for call in transport.write.call_args_list] == [(REPLY,)] * 5


def test_a_message_that_is_told_twice_is_found(sink: Sink):
    connection, _ = connected(sink)
    for n in (1, 2, 1):
        connection.data_received(post(n))
    report = sink.report()
    assert (report.posts, report.messages, report.repeated) == (3, 2, 1)


def test_a_sample_of_the_signatures_is_verified(sink: Sink):
    connection, _ = connected(sink)
    for n in range(2 * SAMPLE):
        connection.data_received(post(n))
    assert (sink.report().verified, sink.report().forged) == (2, 0)


def test_a_signature_under_another_secret_is_forged(sink: Sink):
    connection, _ = connected(sink)
    for n in range(SAMPLE):
        connection.data_received(post(n, new_secret()))
    assert (sink.report().verified, sink.report().forged) == (0, 1)


def test_a_body_that_was_changed_is_forged(sink: Sink):
    head, _, body = post(1).partition(b"\r\n\r\n")
    assert sink.is_genuine(head, body)
    assert not sink.is_genuine(head, body.replace(b"delivered", b"undeliver"))


def test_a_post_without_a_signature_is_forged(sink: Sink):
    assert not sink.is_genuine(b"POST /hook HTTP/1.1\r\nwebhook-id: 1", b"{}")
