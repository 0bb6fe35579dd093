#!/bin/sh
# Options alone are meant for haproxy, which stays in the foreground here, with a master process (-W -db).
set -eu
case "${1-}" in
  -*) set -- haproxy "$@" ;;
esac
if [ "${1-}" = haproxy ]; then
  shift
  set -- haproxy -W -db "$@"
fi
exec "$@"
