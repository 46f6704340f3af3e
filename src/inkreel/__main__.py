"""`python -m inkreel` is the `inkreel` command."""

from inkreel.entrypoints.start import main

if __name__ == "__main__":
    main()
