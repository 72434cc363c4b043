"""/api/live: events as they happen, over a WebSocket."""
