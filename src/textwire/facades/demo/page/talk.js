// One client of the vendor's SDK, told of in few words: is it subscribed, what was said, what became of it.

export class Talk {
  // `hear` has the functions subscribed(yes), failed(why), message(one), event(words).
  constructor(kandy, place, number, tokens, hear) {
    Object.assign(this, { number, hear, subscribed: false, asked: false });
    this.client = kandy.create({
      subscription: { expires: 3600 },
      authentication: {
        server: { base: place.host, port: place.port },
        clientCorrelator: "textwire-demo",
      },
      messaging: { smsFrom: number }, // where versions before parameters of services read it
    });
    this.client.setTokens(tokens);
    this.listen();
  }

  get version() {
    return this.client.getVersion?.() ?? "";
  }

  renew(tokens) {
    this.client.setTokens(tokens);
  }

  subscribe() {
    this.asked = true;
    const service = { service: "smsinbound", params: { destinationAddress: this.number } };
    try {
      this.client.services.subscribe([service], "websocket");
    } catch {
      this.client.services.subscribe([service.service], "websocket"); // older versions take names alone
    }
  }

  unsubscribe() {
    this.asked = false;
    this.client.services.unsubscribe(["smsinbound"], "websocket");
  }

  start(remote) {
    return this.client.conversation.create([remote], { type: "sms" });
  }

  send(remote, text) {
    const known = this.client.conversation.get([remote], { type: "sms" });
    (known ?? this.start(remote)).createMessage({ type: "text", text }).send();
  }

  listen() {
    const { client, hear } = this;
    client.on("subscription:change", () => this.changed());
    client.on("subscription:error", (said) => hear.failed(said?.error?.message ?? "The channel could not be opened."));
    client.on("messages:change", (said) => this.told(said));
    client.on("conversations:change", (said) => [said].flat().forEach((one) => one && this.told(one)));
    client.on("messages:error", (said) => hear.event(`messages:error ${said?.error?.message ?? ""}`));
    client.on("request:error", (said) => hear.event(`request:error ${said?.error?.message ?? ""}`));
    client.on("notification:received", (said) => hear.event(Object.keys(said?.payload ?? {})[0] ?? "notification"));
    client.on("ws:change", () => hear.event("The socket has changed its state."));
  }

  changed() {
    const now = this.client.services.getSubscriptions();
    if (now.isPending) return;
    const yes = now.subscribed.length > 0;
    if (yes !== this.subscribed) this.hear.subscribed((this.subscribed = yes));
    else if (!yes && this.asked) this.hear.failed("Not subscribed. Is the number assigned to this user?");
  }

  told({ destination, messageId, type }) {
    if (type !== "sms" || !destination) return;
    const remote = destination[0];
    const conversation = this.client.conversation.get(destination, { type });
    const message = messageId && conversation?.getMessage(messageId);
    if (!message) return this.hear.event(`A message to ${remote} was not sent, or is gone.`);
    const kept = conversation.messages?.find((one) => one.messageId === messageId);
    this.hear.message({
      id: messageId,
      remote,
      own: message.sender !== remote,
      text: message.parts?.[0]?.text ?? "",
      state: message.deliveryStatus ?? kept?.deliveryStatus ?? "",
    });
  }
}
