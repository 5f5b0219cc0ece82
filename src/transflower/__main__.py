"""``python -m transflower``."""

import sys

from transflower.cli import main

sys.exit(main())
