"""From a file to tiles and rows, in sandboxed child processes. No Django."""
