"""From the rows of a dataset to what the trainer gets."""

from typing import TYPE_CHECKING, Any

from modelops_jupyter.datasets.masks import Encoded, has_template, lay_rendered, no_template
from modelops_jupyter.datasets.rendered import batches
from modelops_jupyter.errors import ConfigError, Where

if TYPE_CHECKING:
    from modelops_jupyter.datasets import Dataset

TRAINABLE = ("messages", "prompt_completion", "sharegpt", "alpaca", "text")


def refuse_untrainable(format: str) -> None:
    """Raise `ConfigError` for a row format that is not trained on."""
    if format not in TRAINABLE:
        raise ConfigError(
            f"Rows of the format '{format}' cannot be trained on yet.",
            code="format-not-trainable",
            hint=f"Convert them to one of: {', '.join(TRAINABLE)}.",
        )


def encoded_rows(
    dataset: "Dataset", tokenizer: Any, *, assistant_only: bool = True, max_length: int | None = None
) -> list[Encoded]:
    """Return every row as ids and labels.

    Raises
    ------
    ConfigError
        If rows of this format are not trained on, or the tokenizer has no chat template.
    DatasetError
        If a row cannot be read, or the template refuses it.
    """
    refuse_untrainable(dataset.format)
    if dataset.format != "text" and not has_template(tokenizer):
        raise no_template()
    out: list[Encoded] = []
    for batch in batches(dataset, tokenizer):
        for position, error in batch.refused:
            error.where = Where(dataset.source, dataset.line(position), row=position)
            raise error
        rows = lay_rendered(tokenizer, batch.chats, batch.texts, assistant_only)
        out += [row.encoded(max_length) for row in rows]
    if len(out) < len(dataset):
        for _ in dataset:  # raises at the row that cannot be read
            pass
    return out
