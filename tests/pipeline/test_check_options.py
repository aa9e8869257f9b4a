"""The options of `grader.check`."""

from __future__ import annotations

from typing import Any

import pytest

import grader


def test_an_option_that_does_not_exist_is_refused() -> None:
    options: dict[str, Any] = {"revael": "values"}

    with pytest.raises(TypeError, match="unexpected keyword argument 'revael'"):
        grader.check("tanh-chain", "mine.py", **options)
