"""How each door is asked to send a text: path, headers, and a body into which two numbers are filled."""

import base64
from collections.abc import Callable
from typing import Any

Asking = tuple[str, str, bytes]

PATH = "/api/messages"
TEXT = "Your parcel {} is on its way and will be with you today between 9 and 12. Reply STOP to opt out"
JSON = "Content-Type: application/json\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def own(key: str, extra: str) -> Asking:
    """The own API, with `extra` members."""
    body = f'{{"to": "+4917%09d", "text": "{TEXT.format("%09d")}"{extra}}}'
    return PATH, f"Authorization: Bearer {key}\r\n{JSON}", body.encode()


def vonage(key: str, extra: str) -> Asking:
    """The SMS API as its Python SDK asks: everything in a form, key and secret too."""
    name, _, secret = key.partition(":")
    text = TEXT.format("%09d").replace(" ", "+")  # nothing else in it has to be quoted
    return (
        "/sms/json",
        FORM,
        f"api_key={name}&api_secret={secret}&from=AcmeInc&to=4917%09d&text={text}".encode(),
    )


def sipgate(key: str, extra: str) -> Asking:
    """sipgate's REST API by a personal access token."""
    proof = base64.b64encode(key.encode()).decode()
    body = f'{{"smsId": "s0", "recipient": "+4917%09d", "message": "{TEXT.format("%09d")}"}}'
    return "/v2/sessions/sms", f"Authorization: Basic {proof}\r\n{JSON}", body.encode()


DOORS: dict[str, Callable[[str, str], Asking]] = {"api": own, "vonage": vonage, "sipgate": sipgate}


def key_of(door: str, credentials: Any) -> str:
    """What proves the first account at a door."""
    if door == "vonage":
        return f"{credentials['vonage']['api_key']}:{credentials['vonage']['api_secret']}"
    if door == "sipgate":
        return f"{credentials['sipgate']['token_id']}:{credentials['sipgate']['token']}"
    return str(credentials["api"]["key"])
