"""The command line, by ``python -m eventstudy``."""

from __future__ import annotations

from eventstudy.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
