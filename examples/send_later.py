"""Sends a text at a time of your choice: python send_later.py TO TEXT 2030-01-31T09:00:00+01:00

Prints the message's id, with which it is taken back: python send_later.py --cancel ID
"""

import sys
from datetime import datetime

from textwire_client import Client, Conflict, InvalidRequest


def main(arguments: list[str]) -> int:
    with Client() as client:
        try:
            if arguments[:1] == ["--cancel"]:
                print(client.messages.cancel(arguments[1]).state)
            else:
                to, text, at = arguments
                print(client.messages.send(to, text, send_at=datetime.fromisoformat(at)).id)
        except (Conflict, InvalidRequest) as refused:
            print(refused.problem.detail, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
