"""The safe: what is saved, how it is kept, and the proof that it can be restored."""
