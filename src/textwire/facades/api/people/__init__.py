"""The people of an account: /api/account, /api/users, /api/projects, /api/keys, /api/audit, /api/accounts."""
