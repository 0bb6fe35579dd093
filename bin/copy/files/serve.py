"""Serves this copy of Drydock: python3 serve.py [--open] [--lan] [--port N]

For Python 3.7 or newer; it needs nothing but itself. serve.mjs does the same with Node.js.
"""

import argparse
import errno
import json
import os
import re
import shutil
import socket
import sys
import threading
import urllib.parse
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

# Compressed files that may lie beside a file, the best first.
ENCODINGS = [("br", ".br"), ("gzip", ".gz")]

# These files are named by their content and never change.
IMMUTABLE = re.compile(r"/(?:assets|machine/(?:files|chunks|catalogue))/")

# Pages of containers are shown on origins of their own: further ports, which have these files and no others.
PREVIEWS = 4
PREVIEW_FILE = re.compile(r"/drydock-preview[a-z-]*\.(?:html|js)")

PLAIN_HTTP = """
Browsers give less to a page that comes by plain HTTP from another computer: there lessons and the machine
run, but nothing is kept for use without the network, and the page's own buttons cannot use the clipboard
(the keys for copy and paste do). Everything works by HTTPS, and with this program on each computer.
"""


def path_of(url):
    """The path in the site that an address names; None for what can be no file of it."""
    try:
        path = urllib.parse.unquote(re.split("[?#]", url)[0], errors="strict")
    except UnicodeDecodeError:
        return None
    if path == "/":
        return "/index.html"
    return path if re.fullmatch(r"(?:/[^./\\:\0][^/\\:\0]*)+", path) else None


def choose(path, accepted):
    """The file to send for a path, and its encoding: a compressed one where the browser takes it."""
    for encoding, suffix in ENCODINGS:
        if re.search(r"\b%s\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))" % encoding, accepted):
            file = os.path.join(SITE, *(path + suffix).split("/"))
            if os.path.isfile(file):
                return file, encoding
    file = os.path.join(SITE, *path.split("/"))
    return (file, None) if os.path.isfile(file) else (None, None)


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Drydock"
    sys_version = ""
    # Seconds after which a connection without requests is closed.
    timeout = 60
    # Headers and body go out in one piece.
    wbufsize = 64 * 1024

    def do_GET(self):
        self.answer(with_content=True)

    def do_HEAD(self):
        self.answer(with_content=False)

    def refuse_method(self):
        self.refuse(405, "Only GET and HEAD.\n", [("Allow", "GET, HEAD"), ("Connection", "close")])

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = refuse_method

    def answer(self, with_content):
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            # Nobody reads that body: the next request would begin in it.
            self.close_connection = True
        path = self.resolve(path_of(self.path))
        if path == "/preview-origins.json":
            self.answer_origins(with_content)
            return
        file, encoding = choose(path, self.headers.get("Accept-Encoding", "")) if path else (None, None)
        try:
            content = open(file, "rb") if file else None
        except OSError:
            content = None
        if content is None:
            self.refuse(404, "No such file in this copy of Drydock.\n", [])
            return
        with content:
            self.send_response(200)
            self.send_header("Content-Type", TYPES.get(os.path.splitext(path)[1], "application/octet-stream"))
            self.send_header("Content-Length", str(os.fstat(content.fileno()).st_size))
            never_changes = IMMUTABLE.match(path)
            keep = "public, max-age=31536000, immutable" if never_changes else "no-cache"
            self.send_header("Cache-Control", keep)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Vary", "Accept-Encoding")
            if encoding:
                self.send_header("Content-Encoding", encoding)
            if self.server.previews is None:
                # A page that keeps its thread busy must not keep ours.
                self.send_header("Origin-Agent-Cluster", "?1")
            self.end_headers()
            if with_content:
                shutil.copyfileobj(content, self.wfile)

    def resolve(self, path):
        """The path in the site; an origin for pages has only its own files."""
        if self.server.previews is not None or path is None:
            return path
        return "/preview" + path if PREVIEW_FILE.fullmatch(path) else None

    def answer_origins(self, with_content):
        host = re.sub(r":\d+$", "", self.headers.get("Host") or "localhost")
        content = json.dumps({"origins": ["http://%s:%d" % (host, port) for port in self.server.previews]})
        self.send_response(200)
        self.send_header("Content-Type", TYPES[".json"])
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_content:
            self.wfile.write(content.encode())

    def refuse(self, status, text, headers):
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # The ports of the origins for pages; None of one that is such an origin itself.
    previews = None
    request_queue_size = 128
    # On Windows that would let two programs have the same port.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request, client_address):
        """A browser that goes away in the middle is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def address_in_network():
    """The address by which others reach this computer; it is asked for without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return None


def open_preview(host, port):
    """The same ports each time, if they are free: a browser remembers the service worker of each."""
    try:
        return Server((host, port), Site)
    except (OSError, OverflowError):
        return Server((host, 0), Site)


def main():
    parser = argparse.ArgumentParser(description="Serves this copy of Drydock.")
    parser.add_argument("--open", action="store_true", help="opens the page in the browser")
    parser.add_argument("--lan", action="store_true", help="serves to other computers too")
    parser.add_argument("--port", type=int, default=8377, help="another port than 8377")
    options = parser.parse_args()
    if not 0 <= options.port < 65536:
        parser.error("a port is a number below 65536")
    try:
        host = "0.0.0.0" if options.lan else "127.0.0.1"
        server = Server((host, options.port), Site)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            sys.exit(str(error))
        sys.exit(
            f"Port {options.port} is taken, perhaps by Drydock itself: look at http://localhost:{options.port}/\n"
            f"Else choose another one: --port {options.port + 1}"
        )
    port = server.server_address[1]
    origins = [open_preview(host, port + 1 + i) for i in range(PREVIEWS)]
    for origin in origins:
        threading.Thread(target=origin.serve_forever, daemon=True).start()
    server.previews = [origin.server_address[1] for origin in origins]
    here = f"http://localhost:{port}/"
    print(f"Drydock is at {here}")
    if options.lan:
        address = address_in_network()
        print(f"For the class:  http://{address or '(the address of this computer)'}:{port}/")
        print(PLAIN_HTTP)
    print("Ctrl+C ends it.", flush=True)
    if options.open:
        # A browser of the terminal would return only when it is left.
        threading.Thread(target=webbrowser.open, args=(here,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
