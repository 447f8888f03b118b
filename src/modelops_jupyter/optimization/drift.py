"""Whether a graph computes what torch computes, in numbers, before anybody believes it."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from modelops_jupyter.errors import ModelOpsError

if TYPE_CHECKING:
    from modelops_jupyter.optimization.runtime import OnnxModel

SHAPES = ((1, 1), (1, 7), (2, 7), (5, 3), (3, 33))  # batch and length; none is that of the export's example
LIMIT = 1e-5  # of the largest logit, and at least as if that were 1: some eighty roundings of float32
_SEED = 0


@dataclass(frozen=True, slots=True)
class Drift:
    """The largest difference between the logits of a graph and those of torch.

    Parameters
    ----------
    by_shape
        (batch, length) → largest difference, over whole inputs and, with a cache, token by token.
    itself
        How much torch differs from itself when it is asked twice.
    scale
        The largest logit: what the differences are measured against.
    """

    by_shape: dict[tuple[int, int], float]
    itself: float
    scale: float

    @property
    def largest(self) -> float:
        """The largest of all differences."""
        return float(np.max([*self.by_shape.values()]))

    @property
    def limit(self) -> float:
        """What it must not exceed."""
        return LIMIT * max(1.0, self.scale)

    def refuse(self) -> None:
        """Raise an error with the numbers if the graph drifts, or if torch does."""
        if not self.itself <= self.limit:
            raise ModelOpsError(
                f"The model answers differently when it is asked twice (by {self.itself:.1e}): no export can "
                "be checked against it.",
                code="export-unsure",
                hint="Something in it is drawn at random even in evaluation mode.",
            )
        if not self.largest <= self.limit:
            shape = max(self.by_shape, key=lambda s: np.nan_to_num(self.by_shape[s], nan=np.inf))
            raise ModelOpsError(
                f"The ONNX graph drifts: at batch {shape[0]} and length {shape[1]} its logits differ from "
                f"torch's by {self.by_shape[shape]:.1e}, and {self.limit:.1e} is allowed (the largest logit "
                f"is {self.scale:.3g}; torch differs from itself by {self.itself:.1e}).",
                code="export-drift",
                hint="Nothing was written. The model does something that the exporter does not carry over.",
            )


def measure(graph: "OnnxModel", model: Any) -> Drift:
    """Compare a graph with the torch model it was made from, padding and cache included."""
    torch: Any = import_module("torch")

    def truth(ids: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        given = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if graph.generates:
            given["position_ids"] = (given["attention_mask"].cumsum(-1) - 1).clamp(min=0)
        with torch.inference_mode():
            return model(**given).logits.float().numpy()

    rng = np.random.default_rng(_SEED)
    found, itself, scale = dict[tuple[int, int], float](), 0.0, 0.0
    for batch, length in SHAPES:
        ids = rng.integers(0, model.config.vocab_size, (batch, length))
        mask = np.ones_like(ids)
        if batch > 1 and length > 2:  # prompts are padded on the left, texts to classify on the right
            mask[0, slice(2) if graph.generates else slice(-2, None)] = 0
        expected = truth(ids, mask)
        real = mask == 1 if graph.generates else np.ones(batch, np.bool_)
        answers = [graph.logits(ids, mask)]
        if graph.generates:
            answers.append(np.concatenate(list(graph.steps(ids, mask)), axis=1))
        found[batch, length] = float(np.max([np.abs(a - expected)[real].max() for a in answers]))
        itself = max(itself, float(np.abs(truth(ids, mask) - expected)[real].max()))
        scale = max(scale, float(np.abs(expected[real]).max()))
    return Drift(found, itself, scale)
