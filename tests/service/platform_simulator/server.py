"""The platform behind a real HTTP server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.service.platform_simulator.platform import Platform


class _Handler(BaseHTTPRequestHandler):
    platform: Platform

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        found = self.platform.handle(self.command, self.path, headers, body)
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(platform: Platform, server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve the platform until the end of the block."""
    server.RequestHandlerClass = type("Handler", (_Handler,), {"platform": platform})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listening() -> ThreadingHTTPServer:
    """A server that has its port already, before it knows what to serve."""
    return ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
