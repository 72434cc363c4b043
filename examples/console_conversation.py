"""A conversation in a terminal: python console_conversation.py +447700900123 [YOUR NUMBER]

What you type is sent, line by line; what comes is shown. Ctrl-D ends it.
"""

import sys

from textwire_client import Client, Refused
from textwire_client.values import MessagesChange


def main(participant: str, number: str | None = None) -> None:
    with Client() as client:
        client.on("messages:change", show)
        client.on("subscription:error", lambda failure: print("subscription:", failure.message, flush=True))
        services = [{"service": "smsinbound", "params": {"destinationAddress": number}}]
        subscriptions = client.services.subscribe(services, "websocket")
        conversation = client.conversation.create([participant], type="sms")
        print(f"{subscriptions.numbers[0]} writes to {participant}", flush=True)
        for line in sys.stdin:
            try:
                if line.strip():
                    conversation.create_message(line.rstrip("\n")).send()
            except Refused as refused:
                print(f"  not sent: {refused.problem.detail}", flush=True)


def show(change: MessagesChange) -> None:
    """A text that came, from anybody who writes to the number, or what became of one that was sent."""
    message = change.event.message
    if message is None:
        return
    if change.event.type == "message.received":
        print(f"{change.sender}: {plain(message.text)}", flush=True)
    elif message.final:
        print(f"  {message.state}: {plain(message.text)}", flush=True)


def plain(text: str) -> str:
    """Without what a terminal would obey: a stranger wrote it."""
    return "".join(one if one.isprintable() else "·" for one in text)


if __name__ == "__main__":
    main(*sys.argv[1:])
