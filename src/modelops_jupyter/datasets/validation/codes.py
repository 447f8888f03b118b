"""Every problem code: its label, its usual severity, and what to do about it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code means; `safe` when `ValidationReport.fix` repairs it without loss."""

    label: str
    severity: Severity
    fix: str
    safe: bool = False


CODES: dict[str, CodeInfo] = {
    # the line
    "not-json": CodeInfo("Not JSON", "error", "Correct the line, or drop it with drop_invalid()."),
    "truncated-last-line": CodeInfo("Cut off", "error", "Write the file again; it ends inside a row."),
    "two-values-on-line": CodeInfo("Two values", "error", "Put each value on a line of its own."),
    "json-array-in-jsonl": CodeInfo(
        "JSON array", "error", 'Open it with Dataset.from_file(path, file_type="json").'
    ),
    "table-line": CodeInfo(
        "Not as the header", "error", 'Put cells with a comma or a quote in quotes, and write "" for a quote.'
    ),
    "not-an-object": CodeInfo("Not an object", "error", "A row is an object: put the value under a key."),
    "duplicate-key": CodeInfo("Key twice", "error", "Keep one; readers take the last and lose the other."),
    "nan-or-infinity": CodeInfo(
        "NaN", "error", "JSON has no NaN and no infinity: write null or leave it out."
    ),
    "invalid-utf8": CodeInfo("Not UTF-8", "error", "Save the file as UTF-8."),
    "lone-surrogate": CodeInfo("Lone surrogate", "error", "Write the whole pair, or the character itself."),
    "bom": CodeInfo("Byte-order mark", "info", "Write the file without it.", safe=True),
    # fields
    "unknown-format": CodeInfo("Other layout", "error", "Bring the row into the layout of the others."),
    "missing-field": CodeInfo("Field missing", "error", "Add the field."),
    "empty-field": CodeInfo("Empty", "error", "Fill it in, or drop the row."),
    "ill-typed-field": CodeInfo("Wrong type", "error", "Write the value in the type that is named."),
    "label-count": CodeInfo("Label count", "error", "Give each step one label."),
    "stray-key": CodeInfo("Stray key", "warning", "Remove it with StripKeys([...]), if it is not meant."),
    # the dataset
    "too-few-rows": CodeInfo("Too few rows", "error", "Add rows; the service takes no fewer."),
    # the conversation
    "unknown-role": CodeInfo("Unknown role", "error", "Use system, developer, user, assistant or tool."),
    "role-order": CodeInfo("Role order", "error", "Put the turns in order, or join two of one speaker."),
    "assistant-missing": CodeInfo(
        "No answer", "error", "Add the assistant's turn; there is nothing to learn."
    ),
    "assistant-not-last": CodeInfo("Answer not last", "warning", "Remove the turns after the last answer."),
    "nothing-to-learn": CodeInfo("Nothing learned", "error", "Give one answer the weight 1."),
    "weight-value": CodeInfo("Weight", "warning", "A weight is 0 or 1."),
    "weight-on-wrong-role": CodeInfo(
        "Weight on wrong role", "warning", "Only the assistant's turns carry one."
    ),
    "json-in-string": CodeInfo("JSON in text", "error", "Write the conversation as an array, not as text."),
    "special-token-in-text": CodeInfo(
        "Control token", "warning", "Remove it: it can end a turn or forge one."
    ),
    # tools
    "tool-result-missing": CodeInfo("Tool result missing", "error", "Add the tool's message for this call."),
    "tool-result-without-call": CodeInfo("No tool call", "error", "Add the call, or remove the result."),
    "tool-arguments-object": CodeInfo(
        "Arguments object", "warning", "Write the arguments as JSON text.", safe=True
    ),
    "tool-arguments-invalid": CodeInfo("Arguments invalid", "error", "Correct the JSON of the arguments."),
    # what is trained on, by a tokenizer and its chat template
    "template-refuses": CodeInfo("Template refuses", "error", "Bring the turns into the order it wants."),
    "content-not-rendered": CodeInfo(
        "Not rendered", "warning", "Use a template that writes it, or remove it: the model never sees it."
    ),
    "mask-empty": CodeInfo(
        "Nothing trained", "error", "Shorten the prompt or raise the limit; look at the row."
    ),
    "answer-cut": CodeInfo("Answer cut", "error", "Shorten the row, or raise the limit."),
    "end-of-turn-not-trained": CodeInfo(
        "End not trained", "warning", "Let the template end each answer: a model that never saw it goes on."
    ),
    "start-token-doubled": CodeInfo(
        "Two start tokens", "warning", "Remove one: the template or the tokenizer writes it already."
    ),
    # preferences, copies, sizes, people
    "chosen-equals-rejected": CodeInfo("No preference", "error", "Drop the pair: both answers are the same."),
    "exact-duplicate": CodeInfo("Duplicate", "warning", "Remove it with DropDuplicates().", safe=True),
    "near-duplicate": CodeInfo(
        "Near duplicate", "warning", 'Look at both; ds.dedupe("near") keeps the first.'
    ),
    "leakage": CodeInfo(
        "Leakage", "warning", "Remove it here or there: a score on rows that were trained on says nothing."
    ),
    "conflicting-duplicate": CodeInfo(
        "Conflict", "warning", "Keep one answer, or remove them: DropConflicts()."
    ),
    "over-token-limit": CodeInfo("Too long", "error", "Shorten it, or raise the limit."),
    "unusually-long": CodeInfo(
        "Very long", "warning", "Look at it; LengthFilter(max=...) removes such rows."
    ),
    "personal-data": CodeInfo("Personal data", "warning", 'Replace it with Redact(["email"]).'),
    "custom": CodeInfo("Own rule", "warning", ""),
}
