"""The vendor's browser SDK on an open page, driven as an application would: its public calls and its events."""

import json
from typing import Any

from tests.browser import Page

EVENTS = (
    "subscription:change", "subscription:error", "conversations:new", "conversations:change", "messages:change",
    "messages:error", "notification:received", "request:error", "ws:change", "auth:error",
)  # fmt: skip
SMS = {"type": "sms"}
LOGIN = """
async (url, fields) => {
  const answer = await fetch(url, {method: "POST", body: new URLSearchParams(fields)});
  const said = await answer.json();
  return {status: answer.status, ...said};
}
"""
GET = """
async (url, token) => (await fetch(url, {headers: {Authorization: `Bearer ${token}`}})).json()
"""
CREATE = """
(config, events) => {
  window.heard = [];
  window.client = Kandy.create(config);
  for (const name of events) client.on(name, (said) => heard.push([name, JSON.parse(JSON.stringify(said ?? null))]));
}
"""


class Client:
    """`place` is the host and the port that the page is told of; without a port it is the SDK's own, 443."""

    def __init__(self, page: Page, host: str, port: int | None, number: str, **config: object) -> None:
        self.page = page
        authority = host if port is None else f"{host}:{port}"
        self.url = f"https://{authority}"
        server = {"base": host} | ({} if port is None else {"port": str(port)})
        self.run(
            CREATE,
            {
                "subscription": {"expires": 3600},
                "authentication": {"server": server, "clientCorrelator": "sampleCorrelator"},
                "messaging": {"smsFrom": number},
                "logs": {"logLevel": "error"},
                **config,
            },
            EVENTS,
        )

    def run(self, function: str, *given: object) -> Any:
        """What a function makes of plain values."""
        return self.page.run(f"({function})({', '.join(json.dumps(one) for one in given)})")

    def tokens(self, **fields: str) -> Any:
        """The answer of the token endpoint, as the page reads it, with its status."""
        return self.run(LOGIN, self.url + "/cpaas/auth/v1/token", {"scope": "openid", **fields})

    def login(self, kandy: dict[str, str]) -> None:
        """Logs the demo account's user in."""
        said = self.tokens(
            client_id=kandy["client_id"], username=kandy["email"], password=kandy["password"],
            grant_type="password",
        )  # fmt: skip
        assert said["status"] == 200, said
        self.token = said["access_token"]
        self.run("(tokens) => client.setTokens(tokens)", tokens_of(said))

    def get(self, path: str) -> Any:
        """What the user's SMS resources say; this version of the SDK does not ask."""
        user = self.run("() => client.getUserInfo().username")
        url = f"{self.url}/cpaas/smsmessaging/v1/{user}{path}"
        return self.run(GET, url, self.token)

    def subscribe(self) -> None:
        self.run("() => client.services.subscribe(['smsinbound'], 'websocket')")

    def subscribed(self) -> Any:
        """The services, once the SDK has made up its mind."""
        self.page.until("client.services.getSubscriptions().isPending === false")
        return self.run("() => client.services.getSubscriptions().subscribed")

    def unsubscribe(self) -> None:
        self.run("() => client.services.unsubscribe(['smsinbound'], 'websocket')")

    def converse(self, remote: str) -> None:
        self.run("(to, how) => void client.conversation.create([to], how)", remote, SMS)

    def send(self, remote: str, text: str) -> None:
        """Into a conversation that is there."""
        self.run(
            "(to, how, text) => void client.conversation.get([to], how).createMessage({type: 'text', text}).send()",
            remote, SMS, text,
        )  # fmt: skip

    def delete(self, remote: str, message: str = "") -> None:
        """One message, or the conversation."""
        self.run(
            """(to, how, id) => {
              const conversation = client.conversation.get([to], how);
              if (id) conversation.deleteMessages([id]); else conversation.delete();
            }""",
            remote, SMS, message,
        )  # fmt: skip

    def heard(self, name: str, count: int = 1) -> list[Any]:
        """What came with an event, once it has come so often."""
        self.page.until(f"heard.filter(([name]) => name === {json.dumps(name)}).length >= {count}")
        return [said for event, said in self.page.run("heard") if event == name]

    def notified(self, kind: str, count: int = 1) -> list[Any]:
        """The notifications of a kind, once there are so many."""
        self.page.until(f"heard.filter(([, said]) => said?.payload?.{kind}).length >= {count}")
        told = [said["payload"] for name, said in self.page.run("heard") if name == "notification:received"]
        return [one[kind] for one in told if kind in one]

    def messages(self, remote: str, count: int = 1) -> list[Any]:
        """Those of a conversation, once there are so many: sender, text, id and state as the SDK keeps them."""
        script = f"client.state.get().messaging?.conversations.find((one) => one.destination[0] === {json.dumps(remote)})?.messages"
        self.page.until(f"({script} ?? []).filter((one) => !one.isPending).length >= {count}")
        return [
            {
                "sender": one.get("sender"),
                "text": one["parts"][0]["text"],
                "id": one["messageId"],
                "state": one.get("deliveryStatus"),
            }
            for one in self.page.run(script)
        ]


def tokens_of(said: Any) -> dict[str, str]:
    """What `setTokens` takes."""
    return {"accessToken": said["access_token"], "idToken": said["id_token"]}
