"""The command line: one command a file; the command prints, what it calls decides."""
