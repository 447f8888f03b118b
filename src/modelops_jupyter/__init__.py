"""modelops_jupyter."""
