"""Learning platforms: how each lays out a download of submissions, and the gradebook that is filled for it."""
