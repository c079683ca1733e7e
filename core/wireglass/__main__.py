"""`python -m wireglass` is the `wireglass` command."""

import sys

from wireglass.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
