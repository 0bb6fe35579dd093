#!/bin/sh
# Options alone are meant for memcached.
set -eu
case "${1-}" in
  -*) set -- memcached "$@" ;;
esac
exec "$@"
