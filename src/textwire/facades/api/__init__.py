"""The own API, `/api`: what users, the console and the SDK speak; its page is docs/api.md."""
