"""A stand-in of the Hugging Face Hub on this machine: repositories are made, written and read as there."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlparse

COMMIT = "c" * 40


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlparse(self.path).path
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
            self.server.repositories.setdefault(name, {})
            return self._answer({"url": f"{self.server.address}/{name}"})
        if path == "/api/validate-yaml":
            return self._answer({"errors": [], "warnings": []})
        name, action = re.fullmatch(r"/api/models/([^/]+/[^/]+)/(preupload|commit)/main", path).groups()
        if action == "preupload":
            files = json.loads(body)["files"]
            modes = [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False} for file in files]
            return self._answer({"files": modes})
        for line in body.splitlines():
            change = json.loads(line)
            if change["key"] == "file":
                content = base64.b64decode(change["value"]["content"])
                self.server.repositories[name][change["value"]["path"]] = content
        return self._answer({"commitUrl": f"{self.server.address}/{name}/commit/{COMMIT}", "commitOid": COMMIT})

    def do_GET(self) -> None:
        self._read()

    def do_HEAD(self) -> None:
        self._read()

    def log_message(self, *_: object) -> None:
        pass

    def _read(self) -> None:
        path = unquote(urlparse(self.path).path)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(/revision/[^/]+)?", path):
            files = self.server.repositories.get(match.group(1))
            if files is not None:
                found = {"id": match.group(1), "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
                return self._answer(found)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+", path):
            files = self.server.repositories.get(match.group(1))
            if files is not None:
                return self._answer(
                    [{"type": "file", "path": name, "size": len(data), "oid": "0" * 40} for name, data in files.items()]
                )
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            data = self.server.repositories.get(match.group(1), {}).get(match.group(2))
            if data is not None:
                return self._send(200, data, {"ETag": f'"{hash(data) & 0xFFFFFFFF:x}"', "X-Repo-Commit": COMMIT})
        return self._send(404, b"", {"X-Error-Code": "RepoNotFound"})

    def _answer(self, tree: object) -> None:
        self._send(200, json.dumps(tree).encode(), {"Content-Type": "application/json"})

    def _send(self, code: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.repositories: dict[str, dict[str, bytes]] = {}


@contextmanager
def serve() -> Iterator[_Server]:
    """A hub with an address and repositories, name -> file -> bytes."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
