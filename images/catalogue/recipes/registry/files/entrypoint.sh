#!/bin/sh
# A configuration file alone is meant for `registry serve`.
set -eu
case "${1-}" in
  *.yaml | *.yml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
