"""The address that the service is reached at."""

from __future__ import annotations

import socket

import pytest

from grader.errors import EnvironmentProblem
from grader.service.web.serve import listening


def test_a_link_that_is_followed_before_the_first_page_is_served_waits_for_it() -> None:
    with listening("127.0.0.1", 0) as at, socket.create_connection(at.getsockname(), timeout=10) as waiting:
        assert waiting.getpeername() == at.getsockname()


def test_a_port_in_use_is_named_with_the_option_that_chooses_another() -> None:
    with listening("127.0.0.1", 0) as at:
        port = at.getsockname()[1]
        with pytest.raises(EnvironmentProblem, match=rf"127\.0\.0\.1:{port} cannot be listened on: .*--port"):
            listening("127.0.0.1", port)
