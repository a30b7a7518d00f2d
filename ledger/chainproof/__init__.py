"""Chain headers, seals and tries: pure."""
