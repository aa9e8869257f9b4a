# 13. Imports the grader's own modules, which know the right values
# expect: graded
# kept by: strict, portable
# why: of the grader's package only what runs submissions can be read
for module in ("grader.reference.autograd", "grader.judge.verdicts", "grader.exercise.load", "tests.hostile.harness"):
    try:
        print("BREACH", __import__(module))
    except ImportError as error:
        print("refused:", error)
