"""The command line: `kntc`, or `python -m flows`."""


def main() -> None:
    """Run the command that the arguments name."""
    from flows.cli.app import app

    app()


if __name__ == "__main__":
    main()
