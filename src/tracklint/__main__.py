"""`python -m tracklint`."""

from tracklint.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
