"""Write the golden files anew: `python -m tests.golden`, from the root of the repository."""

from tests.golden.made import FILES, FOLDER


def main() -> None:
    """Write every file."""
    for name, make in FILES.items():
        file = FOLDER / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
