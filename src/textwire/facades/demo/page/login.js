// Asks for tokens with a password, keeps them fresh, and reads what they say of their owner.

const HALF = 500; // of a second of life, in milliseconds: tokens are renewed when half of it is over

export class Session {
  constructor(place, clientId) {
    Object.assign(this, { host: place.host, port: place.port });
    this.url = `https://${place.host}:${place.port}/cpaas/auth/v1/token`;
    this.clientId = clientId;
  }

  login(username, password) {
    return this.ask({ grant_type: "password", username, password });
  }

  // `renewed` is called with each later pair of tokens, `failed` once with the reason why there are no more.
  keep(renewed, failed) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        await this.ask({ grant_type: "refresh_token", refresh_token: this.refresh });
        renewed(this.tokens);
        this.keep(renewed, failed);
      } catch (error) {
        failed(error);
      }
    }, this.seconds * HALF);
  }

  end() {
    clearTimeout(this.timer);
  }

  async ask(fields) {
    const body = new URLSearchParams({ client_id: this.clientId, scope: "openid", ...fields });
    const answer = await fetch(this.url, { method: "POST", body, credentials: "omit" }).catch(() => {
      throw new Error("unreachable");
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error_description ?? said.message ?? `The server answers with ${answer.status}.`);
    this.tokens = { accessToken: said.access_token, idToken: said.id_token };
    this.refresh = said.refresh_token;
    this.seconds = said.expires_in;
    return claims(said.id_token);
  }
}

// What an id token says (RFC 7519 §3), unverified: it came over TLS from whoever issued it.
function claims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const said = JSON.parse(atob(payload));
  return { user: said.preferred_username, numbers: (said["sms-did-list"] ?? "").split(",").filter(Boolean) };
}
