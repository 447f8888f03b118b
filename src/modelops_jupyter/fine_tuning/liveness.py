"""Is the worker still there? Answered from the process table, never from a clock.

==============================================================  ========================
worker                                                          verdict
==============================================================  ========================
same node, boot and pid namespace; alive, identity holds        alive (however old its heartbeat)
same node, but gone, zombie, other boot or other namespace      gone
other node                                                      elsewhere: not ours to judge
==============================================================  ========================

The identity of a worker is its command line: it names the job and the attempt. Start times
are no identity, they move when a clock is corrected.
"""

import functools
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path
from typing import Literal

import psutil

from modelops_jupyter.fine_tuning.records import Identity

MODULE = "modelops_jupyter.fine_tuning.worker"
Verdict = Literal["alive", "gone", "elsewhere"]

# Workers that this process started and has not reaped: the only ones whose exit code it can learn.
children: dict[tuple[str, int], "subprocess.Popen[bytes]"] = {}


def me() -> Identity:
    """Return the identity of this process."""
    return of(os.getpid())


def of(pid: int) -> Identity:
    """Return the identity of a process of this machine."""
    return Identity(platform.node(), _boot(), _namespace(), pid)


def verdict(worker: Identity, job_id: str, attempt: int) -> Verdict:
    """Judge a worker by the table above."""
    here = me()
    same_system = (worker.boot, worker.pidns) == (here.boot, here.pidns)
    # The same boot and namespace is this machine even if it was renamed (laptops are, by DHCP).
    if worker.node != here.node and not same_system:
        return "elsewhere"
    if not same_system:
        return "gone"
    return "alive" if _is_worker(worker.pid, job_id, attempt) else "gone"


def epitaph(worker: Identity, job_id: str, attempt: int) -> str:
    """Say in one sentence how a worker that is gone has ended, as far as can be known."""
    if worker.boot != _boot():
        return "The machine was restarted while the job ran."
    child = children.pop((job_id, attempt), None)
    code = _exit_code(child) if child else None
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        out_of_memory = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"The worker process was ended by {name}{out_of_memory}."
    if code is not None:
        return f"The worker process ended with exit code {code} before it could say why; see its log."
    return "The worker process is gone: it was killed, or the machine ran out of memory."


def _exit_code(child: "subprocess.Popen[bytes]") -> int | None:
    try:
        # A killed process looks dead a moment before its last thread is: only then there is a code.
        return child.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return None


def is_stopped(worker: Identity) -> bool:
    """Tell whether the worker is held by SIGSTOP or a debugger."""
    try:
        return psutil.Process(worker.pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False


def kill(worker: Identity, job_id: str, attempt: int) -> bool:
    """End a worker for certain; the number alone is never believed."""
    if verdict(worker, job_id, attempt) != "alive":
        return False
    try:
        os.kill(worker.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _is_worker(pid: int, job_id: str, attempt: int) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = process.cmdline()
    except psutil.AccessDenied:
        return True  # it exists and hides its command line: a reader must not fail what may be alive
    except psutil.Error:
        return False
    return [MODULE, job_id, str(attempt)] in (words[i : i + 3] for i in range(len(words)))


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        answer = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, check=False
        )
        return answer.stdout.decode().strip()
    return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
