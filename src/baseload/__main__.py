"""``python -m baseload``: the same as the command ``baseload``."""

from baseload.show.cli import main

if __name__ == "__main__":
    main()
