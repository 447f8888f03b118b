"""The version, read by the build from here and nowhere else."""

__version__ = "0.1.0"
