"""What confines a submission: the isolation modes, and the layers each consists of.

A child puts the layers around itself with code in `runner.child` (`layers`, `landlock`); this package decides and
prepares them beforehand, in the grader's process.
"""
