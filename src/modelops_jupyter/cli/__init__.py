"""The command `modelops`, for scripts and CI: nothing that Python cannot do."""
