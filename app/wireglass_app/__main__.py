"""`python -m wireglass_app`: opens the workbench."""

import sys

from wireglass_app.application import main

if __name__ == "__main__":
    sys.exit(main())
