"""What a stack of containers needs before its first start: folders, rights, keys, passwords, and the door's list."""
