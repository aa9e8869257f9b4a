"""Many submissions: from a download to results, gradebooks and a view of the class."""
