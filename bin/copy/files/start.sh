#!/bin/sh
# Starts Drydock and opens it in the browser. Options as --lan go to the server.
cd -- "$(dirname -- "$0")" || exit 1
if python3 -c 'from http.server import ThreadingHTTPServer' 2>/dev/null; then
  exec python3 serve.py --open "$@"
fi
if node --version >/dev/null 2>&1; then
  exec node serve.mjs --open "$@"
fi
echo 'This computer has neither Python 3.7 (or newer) nor Node.js. Install one of them, from' >&2
echo 'https://www.python.org/downloads/ or https://nodejs.org/, and start this again.' >&2
exit 1
