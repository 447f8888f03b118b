"""An ONNX graph in the words of transformers, for what knows only those."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelops_jupyter.optimization.runtime import OnnxModel


class Spoken:
    """A graph that takes and gives tensors, and answers greedily."""

    device = "cpu"

    def __init__(self, graph: "OnnxModel") -> None:
        self._graph = graph
        self.config = SimpleNamespace(**graph.config)
        self.generation_config = SimpleNamespace(**{"eos_token_id": None, **graph.generation_config})

    def generate(
        self, input_ids: Any, attention_mask: Any, *, max_new_tokens: int, pad_token_id: int, **_: Any
    ) -> Any:
        """Return prompts (padded on the left) with their answers, padded on the right."""
        import torch

        prompts = [ids[mask == 1].tolist() for ids, mask in zip(input_ids, attention_mask, strict=True)]
        found = self._graph.generate_ids(prompts, max_new_tokens=max_new_tokens)
        width = max(map(len, found))
        padded = [ids + [pad_token_id] * (width - len(ids)) for ids in found]
        return torch.cat([input_ids, torch.tensor(padded)], dim=1)
