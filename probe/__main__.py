"""``python -m probe`` is the ``probe`` command."""

import sys

from probe.cli.main import main

sys.exit(main())
