"""The vendor's Account API: the balance, prices, where events go, and the secrets."""
