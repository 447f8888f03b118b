"""Measured results in the documents: each stands between two markers and is replaced as a whole."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def write(page: str, name: str, body: str) -> None:
    """Replace the text between `<!-- name -->` and `<!-- /name -->` in a page of docs/."""
    path = DOCS / page
    text = path.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    if start not in text:
        raise SystemExit(f"docs/{page} has no place for {name}: {start.strip()} … {end}")
    head, rest = text.split(start, 1)
    tail = rest.split(end, 1)[1]
    path.write_text(f"{head}{start}{body}\n{end}{tail}", encoding="utf-8")
