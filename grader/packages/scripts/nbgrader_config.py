# Put these lines into the nbgrader_config.py of your course, or use this file if it has none.
import os
import sys

c = get_config()  # noqa: F821  # given by nbgrader
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
c.Autograde.autograde_preprocessors = [
    "derivation_grading.GradeDerivations",  # in place of nbgrader.preprocessors.Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
