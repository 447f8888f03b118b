"""One table of operations for two carriers: widget messages in a kernel and HTTP in the server."""
