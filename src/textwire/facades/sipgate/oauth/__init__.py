"""sipgate's login pages and tokens (OAuth 2.0, RFC 6749), in the manner of the vendor's Keycloak."""
