"""Answers every text that your numbers get, each once, also after a restart: python auto_reply.py [PLACE]

PLACE is a file that remembers the last event, so that what comes while this is not running is answered later.
"""

import sys
from pathlib import Path

from textwire_client import Client, Event, Refused


def main() -> None:
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "auto_reply.place")
    after = place.read_text() if place.exists() else None
    with Client() as client, client.live(after=after, events=["message.received"]) as live:
        place.write_text(live.after or "")
        print("listening", flush=True)
        for event in live:
            answer(client, event)
            place.write_text(event.id)


def answer(client: Client, event: Event) -> None:
    """One answer to one text: the key makes it one, should this be interrupted before the place is written."""
    message = event.message
    if message is None:
        return
    try:
        client.messages.send(
            message.from_,
            f"You said {message.text}",
            from_=message.to,
            idempotency_key=f"answer-{message.id}",
        )
    except Refused as refused:  # STOP was a wish, and a sender may be no number
        print(f"not answered: {refused.code}", flush=True)


if __name__ == "__main__":
    main()
