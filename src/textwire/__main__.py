"""`python -m textwire` is the command `textwire`."""

from textwire.cli.main import main

if __name__ == "__main__":
    main()
