"""What students do with an assignment: read it, hand in, see what came of it, take hints. No web framework, and no
function commits."""
