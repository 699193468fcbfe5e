"""When things happen: the inbox is watched, and the clock drives the rest."""
