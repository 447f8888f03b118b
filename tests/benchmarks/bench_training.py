"""Training through the pipeline against the bare TRL script: the same rows, settings and number of steps."""

import logging
import random
import statistics
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from modelops_jupyter import Dataset
from modelops_jupyter.training import TrainingConfig, TrainingPipeline, models
from tests.benchmarks._measure import Row, seconds

STEPS = 40
ROUNDS = 5


def measure() -> list[Row]:
    """Time both in turns; each loads the model, encodes the rows, trains, and saves the model."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    pick = random.Random(0)
    months = "January February March April May June July August September October November December".split()
    dates = [(pick.randint(1, 28), pick.randrange(12), pick.randint(1950, 2049)) for _ in range(STEPS * 64)]
    ds = Dataset.from_records(
        [
            {"prompt": f"{day} {months[month]} {year}", "completion": f"{year}-{month + 1:02d}-{day:02d}"}
            for day, month, year in dates
        ]
    )
    config = TrainingConfig(max_steps=STEPS, save_steps=STEPS).filled(len(ds), tiny=True)
    ours(ds, config)
    bare(ds, config)
    ratios = [seconds(lambda: ours(ds, config)) / seconds(lambda: bare(ds, config)) for _ in range(ROUNDS)]
    note = f"{STEPS} steps of 64 rows, tiny model; {min(ratios):.2f} to {max(ratios):.2f} in {ROUNDS} rounds"
    return [Row("a training run", "the bare TRL script", statistics.median(ratios), 1.05, note)]


def ours(ds: Dataset, config: TrainingConfig) -> None:
    """Run the pipeline."""
    with tempfile.TemporaryDirectory() as folder:
        TrainingPipeline(config, folder=folder).run(ds)


@contextmanager
def quiet() -> Generator[None]:
    """Keep bars and printed logs away."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield


def bare(ds: Dataset, config: TrainingConfig) -> None:
    """Do what a script of twenty lines does, with TRL's own encoding of the rows."""
    hf: Any = import_module("datasets")
    trl: Any = import_module("trl")
    with tempfile.TemporaryDirectory() as folder, models.no_bars(), quiet():
        model, tokenizer = models.load({"kind": "word", "word": "tiny"})
        rows: list[dict[str, Any]] = [
            {
                "prompt": [{"role": "user", "content": row["prompt"]}],
                "completion": [{"role": "assistant", "content": row["completion"]}],
            }
            for row in ds
        ]
        args = trl.SFTConfig(
            output_dir=folder, max_steps=STEPS, per_device_train_batch_size=config.batch_size or 64,
            learning_rate=config.learning_rate or 3e-3, lr_scheduler_type="cosine", logging_steps=1,
            warmup_steps=config.warmup_steps or 0, save_steps=STEPS, assistant_only_loss=True, bf16=False,
            gradient_checkpointing=False, use_cpu=True, dataloader_pin_memory=False, report_to="none",
            disable_tqdm=True, weight_decay=0.0,
        )  # fmt: skip
        trainer = trl.SFTTrainer(
            model=model, args=args, train_dataset=hf.Dataset.from_list(rows), processing_class=tokenizer
        )
        trainer.train()
        trainer.save_model(str(Path(folder) / "model"))
