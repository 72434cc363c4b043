"""What stands behind `client.services`, `client.on` and `client.conversation`: numbers that are listened to, and what was said."""
