"""What a magic accepts, declared once: the parser, `-h` and the completer read this."""

from collections.abc import Callable
from dataclasses import dataclass

from modelops_jupyter.errors import ModelOpsError

Options = tuple["Option", ...]


class UsageError(ModelOpsError, ValueError):
    """A magic was called in a way it does not understand."""

    default_code = "usage"


@dataclass(frozen=True, slots=True)
class Option:
    """One `--name`; without `value` it is a switch."""

    name: str
    help: str
    value: str = ""  # how the value is called in the help: "NAME", "FILE"
    choices: tuple[str, ...] = ()
    completes: str = ""  # what its values are: "dataset", "column", "metric", "labels|file"
    optional: bool = False  # `--packing` alone means true

    @property
    def flag(self) -> str:
        """The option as typed, `--learning-rate`."""
        return "--" + self.name.replace("_", "-")

    def usage(self) -> str:
        """Return `--format {a,b}` or `--as NAME`."""
        shown = "{" + ",".join(self.choices) + "}" if self.choices else self.value
        return f"{self.flag} {shown}".rstrip()


@dataclass(frozen=True, slots=True)
class Spec:
    """One magic: its forms, its words, its options, an example."""

    name: str  # with its signs: "%dataset", "%%evaluate"
    forms: tuple[str, ...]  # "%evaluate PRED against TRUE"
    summary: str
    words: tuple[int, int]  # fewest and most words besides options
    example: str
    listed: Options = ()
    # options that come from another declaration, such as the fields of a training configuration
    more: Callable[[], Options] = tuple
    completes: tuple[str, ...] = ()  # what each word is, see `Option.completes`
    choices: tuple[tuple[str, ...], ...] = ()  # fixed words by place

    @property
    def options(self) -> Options:
        """All options, the declared ones first."""
        known = {option.name for option in self.listed}
        return (*self.listed, *(option for option in self.more() if option.name not in known))

    def help(self) -> str:
        """Return the text of `-h`."""
        width = min(34, max((len(option.usage()) for option in self.options), default=0))
        lines = [self.summary, "", *(f"  {form}" for form in self.forms)]
        if self.options:
            lines.append("")
        for option in self.options:
            head = option.usage()
            lines += (
                [f"  {head:<{width}}  {option.help}"]
                if len(head) <= width
                else [f"  {head}", f"  {'':<{width}}  {option.help}"]
            )
        return "\n".join([*lines, "", f"Example: {self.example}"])
