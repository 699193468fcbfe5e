"""What runs units: the port, and one implementation a file."""
