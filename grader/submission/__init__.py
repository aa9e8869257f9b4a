"""Reading what a student handed in, `.py` or `.ipynb`, without running or importing any of it."""
