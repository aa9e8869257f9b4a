"""LTI 1.3 Advantage without a web framework: launches, deep links, scores, rosters, registration."""
