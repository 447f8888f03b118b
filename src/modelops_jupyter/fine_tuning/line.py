"""The line in front of a provider that runs only so many jobs at once.

Every queued job has its worker process from the start; it waits here, before it loads anything
heavy, and takes its turn by itself. So nobody has to stay alive to start the next job: not the
kernel that queued it, not a scheduler. A worker that is killed, running or waiting, is found
gone by those behind it.
"""

import time

from modelops_jupyter.fine_tuning.records import Identity, JobRow
from modelops_jupyter.fine_tuning.store import JobStore

LOOK = 0.3  # seconds between two looks


def take_turn(store: JobStore, row: JobRow, attempt: int, worker: Identity, limit: int | None) -> JobRow:
    """Wait until fewer than `limit` jobs of the same provider run here, and claim the job.

    Raises
    ------
    SupersededError
        If the job was cancelled, deleted or queued anew while it waited.
    """
    store.launched(row.id, attempt, worker)  # from now on those behind count it
    while True:
        for other in store.rows(active=True):
            if other.provider == row.provider and other.id != row.id:
                store.settle(other)
        if claimed := store.claim_in_turn(row.id, attempt, worker, limit):
            return claimed
        time.sleep(LOOK)
