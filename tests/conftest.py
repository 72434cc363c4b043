"""The plugins of every test: `tests.needs` (import `missing` and `require` from it) and `tests.postgres`."""

pytest_plugins = ["pytester", "tests.needs", "tests.postgres"]
