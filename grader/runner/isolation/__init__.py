"""What stands between a submission and everything else: the modes, and the layers each is made of.

The layers a child puts around itself are in `runner.child` (`layers`, `landlock`); here is what is decided and made
beforehand, in the grader's process.
"""
