"""`TrainingCallback`: hear what a run says, in methods with names."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelops_jupyter.training.pipeline import TrainingRun

__all__ = ["TrainingCallback"]


class TrainingCallback:
    """Override what you want to hear; each method does nothing by itself.

    They run in the thread of the training, which waits for them; an error in one ends the run.

    Examples
    --------
    >>> class Patience(TrainingCallback):
    ...     lost = False
    ...     def on_step(self, step, values):
    ...         self.lost = values["loss"] > 10
    ...     def should_stop(self):
    ...         return self.lost
    """

    def on_stage(self, name: str) -> None:
        """Called as a stage begins: prepare, train, evaluate or export."""

    def on_plan(self, plan: dict[str, Any]) -> None:
        """Called before the first step, with rows, tokens, steps and share of trained tokens."""

    def on_step(self, step: int, values: dict[str, float]) -> None:
        """Called after each step, with loss, learning rate, tokens per second and more."""

    def on_evaluate(self, step: int, values: dict[str, float]) -> None:
        """Called after each look at the validation rows, with each measure and its bounds.

        With `eval_metrics` the first look is before the first step, at step 0.
        """

    def on_sample(self, step: int, rows: list[dict[str, str]]) -> None:
        """Called with some prompts, answers and references, if `eval_metrics` are measured."""

    def on_checkpoint(self, step: int, folder: str) -> None:
        """Called when a checkpoint is whole; the folder is relative to that of the run."""

    def on_warning(self, text: str) -> None:
        """Called with what deserves a look."""

    def on_end(self, run: "TrainingRun") -> None:
        """Called when the run is complete or was stopped."""

    def should_stop(self) -> bool:
        """Asked after each step; True saves a checkpoint and ends the run."""
        return False

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        """Pass an event on to the method that it belongs to."""
        match kind:
            case "stage" if data["state"] == "active":
                self.on_stage(data["name"])
            case "plan":
                self.on_plan(data)
            case "point":
                (self.on_step if "elapsed" in data["values"] else self.on_evaluate)(
                    data["step"], data["values"]
                )
            case "sample":
                self.on_sample(data["step"], data["rows"])
            case "checkpoint":
                self.on_checkpoint(data["step"], data["folder"])
            case "warning":
                self.on_warning(data["text"])
            case _:
                pass
