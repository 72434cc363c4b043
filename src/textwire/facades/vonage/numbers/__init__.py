"""The vendor's Numbers API: what is owned, what can be bought, and where its texts go."""
