"""Write `questions.jsonl`: a real question-and-answer corpus in the state in which files arrive.

The rows are the English part of the ChatterBot corpus (`pip install chatterbot-corpus==1.3.3`,
BSD License, written by Gunther Cox and many contributors; the topics below). Its copies,
contradictions and broken characters are its own. Four faults are added, as the ways of a file
bring them: a byte-order mark, Windows line ends from one point on, two rows glued together where
a newline was lost, and an end in the middle of a row.

    python notebooks/data/make_questions.py
"""

import json
from importlib.resources import files
from pathlib import Path

import yaml

TOPICS = (
    *("tech_support", "computers", "science", "history", "food", "health"),
    *("money", "literature", "movies", "sports", "trivia", "greetings"),
)
GLUED, WINDOWS = 300, 1200  # rows


def rows() -> list[bytes]:
    """Return one row for each answer that the corpus gives to a question."""
    out: list[bytes] = []
    for topic in TOPICS:
        source = files("chatterbot_corpus") / "data" / "english" / f"{topic}.yml"
        for asked, *answers in yaml.safe_load(source.read_text("utf-8"))["conversations"]:
            for answer in answers:
                row = {"prompt": asked, "completion": answer, "topic": topic.replace("_", " ")}
                out.append(json.dumps(row, ensure_ascii=False).encode())
    return out


def main(path: Path) -> None:
    """Write the file."""
    lines = rows()
    ends = [b"\r\n" if at >= WINDOWS else b"\n" for at in range(len(lines))]
    ends[GLUED] = b""
    body = b"".join(line + end for line, end in zip(lines, ends, strict=True))
    cut = body.rindex(b'", "topic"')
    path.write_bytes(b"\xef\xbb\xbf" + body[:cut])


if __name__ == "__main__":
    main(Path(__file__).with_name("questions.jsonl"))
