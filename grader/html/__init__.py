"""Pages for a browser: single files that load nothing, complete without scripts."""
