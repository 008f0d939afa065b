"""`python -m chatforge` is `chatforge`."""

import sys

from chatforge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
