"""`Dataset`: a collection of training or evaluation examples, lazy and lossless."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from modelops_jupyter._suggest import did_you_mean
from modelops_jupyter.datasets import duplicates, edit, mix, near, query, rendered, select
from modelops_jupyter.datasets._json import Row
from modelops_jupyter.datasets.convert import Conversion, convert
from modelops_jupyter.datasets.diff import DatasetDiff
from modelops_jupyter.datasets.encode import encode_record, encode_row
from modelops_jupyter.datasets.exchange import Exchange
from modelops_jupyter.datasets.formats import DatasetFormat
from modelops_jupyter.datasets.identity import RowIds, joined_ids
from modelops_jupyter.datasets.leakage import Leakage, leakage
from modelops_jupyter.datasets.lineage import LineageStep
from modelops_jupyter.datasets.preview import TokenPreview, preview
from modelops_jupyter.datasets.split import Split, split
from modelops_jupyter.datasets.stats import DatasetStats, dataset_stats
from modelops_jupyter.datasets.suspects import Suspects, suspects
from modelops_jupyter.errors import ConfigError, DatasetError

if TYPE_CHECKING:
    from modelops_jupyter.datasets.validation.report import ValidationReport


class Dataset(Exchange):
    """A collection of training or evaluation examples.

    A dataset never changes: every operation returns a new one that shares the rows. A row
    that cannot be read counts in `len`, has its bytes in `raw(i)`, and raises `RowError`
    only when it is read.

    Parameters
    ----------
    data
        Records, a frame, or nothing; a file is opened with `Dataset.from_file`.
    format
        The row format, or "auto" to detect it on a sample.
    name
        What it is called when shown.
    id_key
        A field whose value, unique in every row, is the row's id.

    Examples
    --------
    >>> ds = Dataset([{"prompt": "2 + 2?", "completion": "4"}])
    >>> len(ds), ds.format.value
    (1, 'prompt_completion')
    """

    # ---- selections -----------------------------------------------------------------------

    def take(self, positions: Iterable[int] | NDArray[np.integer]) -> "Dataset":
        """Return the rows at `positions`, in that order."""
        found = select.checked(positions, len(self))
        return self._selected(found, "take", rows=len(found))

    def head(self, n: int = 5) -> "Dataset":
        """Return the first `n` rows."""
        return self[: max(n, 0)]

    def filter(self, condition: Callable[[Row], Any] | select.Conditions) -> "Dataset":
        """Return the rows that a function keeps, or that fit ``{field: value}`` or ``[(field, op, value)]``.

        Parameters
        ----------
        condition
            Comparisons are ``== != < <= > >= in "not in" contains startswith``; a field is a
            top-level key or a JSON pointer such as ``/messages/0/role``.
        """
        return self._selected(select.matching(self, condition), "filter", condition=condition)

    def search(self, text: str, regex: bool = False, case: bool = False) -> "Dataset":
        """Return the rows whose text contains `text`."""
        found = query.positions(self, query.Query(search=text, regex=regex, case=case))
        return self._selected(found.astype(np.int64), "search", text=text, regex=regex, case=case)

    def sort(self, key: Callable[[Row], Any] | str, reverse: bool = False) -> "Dataset":
        """Return the rows in the order of a field or a function; rows without it stand last."""
        return self._selected(select.sorted_by(self, key, reverse=reverse), "sort", key=key, reverse=reverse)

    def sample(self, n: int, seed: int = 0) -> "Dataset":
        """Return `n` different rows at random, the same for a seed in every process."""
        if not 0 <= n <= len(self):
            raise DatasetError(f"{n} rows cannot be drawn from {len(self)}.", code="sample-size")
        return self._selected(select.scrambled(len(self), seed)[:n], "sample", n=n, seed=seed)

    def shuffle(self, seed: int = 0) -> "Dataset":
        """Return the rows in random order, the same for a seed in every process."""
        return self._selected(select.scrambled(len(self), seed), "shuffle", seed=seed)

    def dedupe(self, how: Literal["exact", "near"] = "exact", *, threshold: float = 0.8) -> "Dataset":
        """Return the rows without later copies: of equal bytes, or nearly the same ("near").

        Rows are near when system text, question and answer each have at least `threshold` of their
        three-word sequences in common (Jaccard); another answer makes another row. The first row is
        kept, and a later one goes only if it is near to a kept row. About 20 s for a million chats.

        Examples
        --------
        >>> text = "the boat leaves at nine from the old pier in the harbour"
        >>> len(Dataset([{"text": text}, {"text": f"{text} ."}]).dedupe("near"))
        1
        """
        if how == "near":
            first = near.first_of(self, threshold).first
            return self._selected(np.flatnonzero(first < 0), "dedupe", how=how, threshold=threshold)
        if how != "exact":
            hint = did_you_mean(how, ["exact", "near"])
            raise ConfigError(f'There are no "{how}" duplicates.', code="unknown-name", hint=hint)
        return self._selected(np.flatnonzero(duplicates.first_of(self) < 0), "dedupe", how=how)

    def leakage(self, other: "Dataset", *, n: int = 8, min_share: float = 0.02) -> Leakage:
        """Return the rows that stand in `other`: the same, by their question, or in part.

        Parameters
        ----------
        n
            Length of the runs of words that are compared; runs that stand in many rows of `other`,
            as boilerplate does, do not count, and neither does system text.
        min_share
            The least share of a row's runs in common that is reported. A source with a fifth of
            its words changed still has one run in six.

        Examples
        --------
        >>> train = Dataset([{"prompt": "Capital of Peru?", "completion": "Lima."}])
        >>> test = Dataset([{"prompt": "capital of  Peru?", "completion": "It is Lima."}])
        >>> [match.kind for match in test.leakage(train)]
        ['prompt']
        """
        return leakage(self, other, n, min_share)

    def suspects(self, job: Any) -> Suspects:
        """Return the rows whose answer a job's model never learned, by the loss it kept of each row.

        A row is named if the logarithm of its loss in the last pass lies 3.5 robust standard
        deviations above the median.

        Parameters
        ----------
        job
            A `FineTuningJob` or anything with `row_losses` (rows × passes) and `trained_on`.

        Raises
        ------
        DatasetError
            If the job kept no such losses, or was trained on other rows.
        """
        return suspects(self, job)

    def drop(self, rows: Iterable[int | str]) -> "Dataset":
        """Return the dataset without some rows, given by position or id."""
        gone = select.resolve(self, rows)
        return self._selected(np.delete(np.arange(len(self)), gone), "drop", rows=len(set(gone)))

    def drop_invalid(self) -> "Dataset":
        """Return the rows in which `validate` finds no error."""
        bad = sorted({p.row for p in self.validate().problems if p.severity == "error"})
        return self._selected(np.delete(np.arange(len(self)), bad), "drop_invalid", rows=len(bad))

    def concat(self, *others: "Dataset") -> "Dataset":
        """Return these rows and then those of `others`; an id that is taken gets a suffix."""
        rows = self._rows
        for other in others:
            rows = rows.concat(other._rows)
        joined = self._derive(
            rows, joined_ids([self._ids, *(o._ids for o in others)]), "concat", datasets=len(others)
        )
        if any(other.format != self.format for other in others):
            joined._format = None
        return joined

    def __add__(self, other: "Dataset") -> "Dataset":
        return self.concat(other)

    @staticmethod
    def mix(
        parts: Sequence[tuple["Dataset", float]],
        n: int | None = None,
        *,
        by: mix.By = "rows",
        stop: mix.Stop = "n",
        seed: int = 0,
        tokenizer: Any = None,
    ) -> "Dataset":
        """Draw rows at random from several datasets, ``[(ds, share), ...]``, evenly interleaved.

        Parameters
        ----------
        n
            How much, in rows or in tokens, as `by` says. Every beginning of it has the shares.
        stop
            "n": after `n`; a dataset that is too small for its share is an error.
            "first_exhausted", "all_exhausted": when one or every dataset is used up, or at `n`;
            in the last case the rows of smaller ones come again.
        tokenizer
            What counts the tokens; without it they are estimated.
        """
        return mix.mix(parts, n, by, stop, seed, tokenizer)

    def diff(self, other: "Dataset", key: str | None = None) -> DatasetDiff:
        """Return which rows were added, removed, changed and moved from here to `other`.

        Rows belong together by id, or by the value of the field `key`.
        """
        return DatasetDiff(self, other, key)

    def split(
        self,
        test: float = 0.1,
        validation: float | None = None,
        seed: int = 0,
        group: str | None = None,
        stratify: str | None = None,
        *,
        near: bool = True,
        test_size: float | None = None,
    ) -> Split:
        """Divide the rows so that no duplicate, no near duplicate and no prompt stands on two sides.

        A row keeps its side when rows are added after it: the side follows from a hash of its
        prompt (or its group) and the seed. Rows that stay together take the side of the first. Only
        a new row that joins two such units brings the later one over.

        Parameters
        ----------
        test, validation
            Shares between 0 and 1; `test_size` is another name for `test`.
        group
            A field; rows that share its value stay together, rows without it stand alone.
        stratify
            A field; each of its values is divided by itself. A value with one row goes to train.
            The shares are filled exactly, so rows at the edge may move when a class grows.
        near
            Keep near duplicates (see `dedupe`) together too; this takes most of the time, about
            20 s for a million chats.
        """
        share = test if test_size is None else test_size
        return split(self, share, validation, seed=seed, group=group, stratify=stratify, near=near)

    # ---- changes --------------------------------------------------------------------------

    def map(self, function: Callable[[Row], Mapping[str, Any]]) -> "Dataset":
        """Return the dataset with every row replaced by what `function` returns; ids are kept."""
        made = ((i, encode_record(function(row), i)) for i, row in enumerate(self))
        out = self._derive(self._rows.replace(made), self._ids, "map", function=function)
        out._format = None
        return out

    def convert(self, target: str) -> Conversion:
        """Return the dataset in another layout, and the rows that it cannot hold, each with the reason.

        Ids and keys that do not belong to the layout are kept. Among ``messages``, ``sharegpt``,
        ``alpaca``, ``prompt_completion`` and ``text``, and between ``preference`` and
        ``openai_preference``, in both directions; a row is converted only if nothing is lost.

        Raises
        ------
        ConfigError
            If there is no such format, or the conversion is not defined.

        Examples
        --------
        >>> Dataset([{"text": "Once."}]).convert("prompt_completion").dataset[0]
        {'prompt': '', 'completion': 'Once.'}
        """
        return convert(self, target)

    def patch(self, changes: Mapping[int | str, Mapping[str, Any]]) -> "Dataset":
        """Return the dataset with some rows, given by position or id, replaced whole."""
        at = select.resolve(self, changes)
        made = {i: encode_record(row, i) for i, row in zip(at, changes.values(), strict=True)}
        return self.replaced(made.items(), "patch", rows=len(made))

    def label(self, ids: Iterable[int | str], value: Any, key: str = "review") -> "Dataset":
        """Return the dataset with a value beside some rows, given by position or id.

        All other bytes of those rows stay. A `key` that belongs to the format is an error:
        what is trained on is changed with `patch`.
        """
        at = dict.fromkeys(select.resolve(self, ids))
        made = {i: edit.labelled(self, i, self._rows.one(i), key, value) for i in at}
        return self.replaced(made.items(), "label", rows=len(made), key=key, value=value)

    def edit(self, journal: str | Path | None = None) -> edit.EditSession:
        """Begin a session of edits that can be undone; a `journal` keeps them through a restart."""
        return edit.EditSession(self, journal)

    def replaced(
        self,
        changes: Iterable[tuple[int, bytes | Row]],
        operation: str,
        format: DatasetFormat | None = None,
        /,
        **arguments: Any,
    ) -> "Dataset":
        """Return the dataset with other rows at some positions; ids, files and lines stay."""
        made = ((at, row if isinstance(row, bytes) else encode_row(row)) for at, row in changes)
        out = self._derive(self._rows.replace(made), self._ids, operation, **arguments)
        out._format = format or out._format
        return out

    def with_lineage(self, lineage: tuple[LineageStep, ...], ids: RowIds | None = None) -> "Dataset":
        """Return the same rows with another record of how they came about, and perhaps other ids."""
        return self._of(self._rows, self._ids if ids is None else ids, self._format, self._name, lineage)

    # ---- looked at ------------------------------------------------------------------------

    def validate(self, **options: Any) -> "ValidationReport":
        """Return every problem of every row.

        Parameters
        ----------
        format, tokenizer, max_tokens, against, target, rules, near
            See `modelops_jupyter.datasets.validation.validate`.
        """
        from modelops_jupyter.datasets.validation import validate

        if options:
            return validate(self, **options)
        if "checking" in self.memo:  # a view has begun it, in a thread
            self.memo["checking"].join()
        if "report" not in self.memo:
            self.memo["report"] = validate(self)
        return self.memo["report"]

    def stats(self) -> DatasetStats:
        """Return counts: roles, turns, characters, tokens."""
        return dataset_stats(self)

    def token_lengths(self, tokenizer: Any) -> NDArray[np.int32]:
        """Return how many tokens training sees of each row; 0 for one that cannot be read or rendered.

        Parameters
        ----------
        tokenizer
            Of transformers; its chat template counts with the rest.
        """
        return rendered.lengths(self, tokenizer)

    def preview_tokens(self, tokenizer: Any, row: int | str) -> TokenPreview:
        """Return a row, given by position or id, token by token: what is rendered and what is learned.

        In a chat the assistant's turns carry loss, of a pair the completion, of a preference the
        better answer; each with its end token. A turn of weight 0 does not.
        """
        return preview(self, tokenizer, row)
