"""`python -m reasoner` is the command `spine`."""

from __future__ import annotations

from reasoner.shell import main

if __name__ == "__main__":
    main()
