"""``python -m gphoton_db``: the command line."""

from gphoton_db.cli import main

if __name__ == "__main__":
    main()
