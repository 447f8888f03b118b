"""What the notebooks of these scenarios hold."""

JOB = """
from modelops_jupyter import Dataset, FineTuningJob
examples = Dataset.from_records([{{"prompt": str(n), "completion": f"answer {{n}}"}} for n in range(64)])
job = FineTuningJob(
    "tiny", examples, provider="simulated", name={name!r}, config={{"max_steps": {steps}}})
job.run()
job
"""
BUSY = "import time\nfor _ in range(600):\n    time.sleep(0.1)"

HOSTILE = (
    "<img src=x onerror='window.pwned=1'>",
    "</script><script>window.pwned=2</script>",
    "[link](javascript:window.pwned=3)",
    "safe\u202eetirw",
)
DATASET = """
from modelops_jupyter import Dataset
rows = [{{"prompt": text, "completion": text}} for text in {texts!r}]
examples = Dataset.from_records(rows, name={name!r})
examples
"""


def job(name: str = "lesson", steps: int = 6000) -> str:
    """A cell that starts a simulated job (50 steps a second) and shows its monitor."""
    return JOB.format(name=name, steps=steps)


def dataset(*texts: str, name: str = "chats") -> str:
    """A cell that shows a dataset with these texts as prompts and answers."""
    return DATASET.format(texts=list(texts), name=name)
