"""What shows the windows that flows work with, one kind a file."""
