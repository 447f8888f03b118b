"""Make sure that the browser tests find a Chromium: the system's, else apt's, else Playwright's own."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "No Chromium found and none could be installed: install it with your system's package manager, "
    "or set CHROMIUM to its executable."
)


def find() -> str | None:
    """Return the executable of a Chromium on this machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def _try(*command: str) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def install() -> bool:
    """Install one, by apt where we may, else by Playwright."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        packages = ("chromium", "fonts-dejavu-core")
        if _try("apt-get", "-qq", "update") and _try(
            "apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages
        ):
            return True
    return _try(sys.executable, "-m", "playwright", "install", "chromium")


if __name__ == "__main__" and not find() and not install():
    sys.exit(ADVICE)
