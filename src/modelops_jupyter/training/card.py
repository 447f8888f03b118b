"""What travels beside the weights so that others can use them: a README card and Ollama's Modelfile."""

import json
from typing import Any

from modelops_jupyter.datasets.chat import Chat
from modelops_jupyter.datasets.masks import Message, control_tokens, render
from modelops_jupyter.errors import DatasetError

SYSTEM, PROMPT, ANSWER = "\ue000\ue001", "\ue001\ue002", "\ue002\ue003"  # characters that no template writes


def readme(name: str, story: dict[str, Any], *, adapter: bool) -> str:
    """Return the README: where the model comes from, how it was trained, how to load it."""
    base, config = story.get("base", {}), story.get("config", {})
    origin = base.get("id") or base.get("word") or base.get("name") or base.get("path", "unknown")
    library = "peft" if adapter else "transformers"
    told = [
        f"base_model: {json.dumps(origin)}",
        f"library_name: {library}",
        "pipeline_tag: text-generation",
        "tags: [modelops_jupyter]",
    ]
    settings = {key: value for key, value in config.items() if value not in (None, [], ())}
    values = story.get("values", {})
    measured = [
        f"| {key} | {value:.4f} |" for key, value in values.items() if isinstance(value, (int, float))
    ]
    loading = (
        "```python\nfrom modelops_jupyter.fine_tuning import load_model\n\n"
        f'load_model("{name}").generate(["..."])\n```'
    )
    parts = [
        "---\n" + "\n".join(told) + "\n---",
        f"# {name}",
        f"{'An adapter for' if adapter else 'Made from'} {origin}, trained on {story.get('rows', 'no')} rows"
        + (f" (`{story['dataset']}`)." if story.get("dataset") else "."),
        loading,
    ]
    if measured:
        parts.append("## Measured on validation rows\n\n| | |\n|---|---|\n" + "\n".join(measured))
    if settings:
        parts.append("## Settings\n\n```json\n" + json.dumps(settings, indent=2) + "\n```")
    return "\n\n".join(parts) + "\n"


def modelfile(tokenizer: Any, weights: str = ".") -> str:
    """Return Ollama's Modelfile; its template is left out where the chat template cannot be written so."""
    template = go_template(tokenizer)
    lines = [f"FROM {weights}", "PARAMETER temperature 0"]
    ends = [t for t in control_tokens(tokenizer) if t not in (tokenizer.pad_token, tokenizer.bos_token)]
    lines += [f"PARAMETER stop {json.dumps(token, ensure_ascii=False)}" for token in ends]
    if template is None:
        lines.append("# The chat template cannot be written in Ollama's language: set TEMPLATE by hand.")
    else:
        lines.append(f'TEMPLATE """{template}"""')
    return "\n".join(lines) + "\n"


def go_template(tokenizer: Any) -> str | None:
    """Return the chat template in Ollama's language: what it writes around each turn, found by trying."""
    user, answer = {"role": "user", "content": PROMPT}, {"role": "assistant", "content": ANSWER}
    system = {"role": "system", "content": SYSTEM}
    try:
        asked = _rendered(tokenizer, [user, answer])
        opened, _, rest = asked.partition(PROMPT)
        closed, _, ended = rest.partition(ANSWER)
        # What comes before a system message, and between it and the question.
        begun, _, after = _rendered(tokenizer, [system, user, answer]).partition(SYSTEM)
        between = after.partition(PROMPT)[0]
    except DatasetError:
        return None
    start = tokenizer.bos_token or ""
    opened, begun = opened.removeprefix(start), begun.removeprefix(start)  # Ollama adds it itself
    if not between.endswith(opened):
        return None
    inner = between[: len(between) - len(opened)]
    return (
        f"{{{{ if .System }}}}{begun}{{{{ .System }}}}{inner}{{{{ end }}}}"
        f"{{{{ if .Prompt }}}}{opened}{{{{ .Prompt }}}}{closed}{{{{ end }}}}{{{{ .Response }}}}{ended}"
    )


def _rendered(tokenizer: Any, messages: list[Message]) -> str:
    return render(tokenizer, Chat(messages, [False] * len(messages), [""] * len(messages)))
