"""A few files on this machine's loopback, for a page of another server to fetch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from stormops_graph.services.loopback import HOST


@contextmanager
def served(files: Mapping[str, bytes], reader: str) -> Iterator[str]:
    """Serve `files`, and nothing else, to pages of the origin `reader` while the context lasts; their address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = files.get(self.path.partition("?")[0].lstrip("/"))
            self._answer(HTTPStatus.NOT_FOUND if found is None else HTTPStatus.OK, found or b"")

        def do_OPTIONS(self) -> None:
            self._answer(HTTPStatus.OK, b"")

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", reader)
            self.send_header("Access-Control-Allow-Headers", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: who reads it sees it."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"  # by this name Browser lets itself fetch from it
        finally:
            server.shutdown()
