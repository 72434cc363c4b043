"""Who belongs to an account and what may be set of it: the verbs of users, projects, keys, settings and accounts."""
