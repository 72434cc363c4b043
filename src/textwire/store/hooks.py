"""The shelf of webhooks, their channels and their deliveries."""

import msgspec


class Hook(msgspec.Struct, frozen=True):
    """One subscription. `types` are event bits, `number` "" means every number, `secret` is the sealed one.

    `channel` 0: the hook carries its address itself (own API); a vendor's channel otherwise.
    """

    id: int
    account: int
    principal: int
    public_id: str
    dialect: str
    channel: int
    url: str
    types: int
    number: str
    secret: str
    correlator: str
    state: str
    failing_since: int
    created_at: int
