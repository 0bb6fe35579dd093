#!/bin/sh
# Options and Docker's own commands alone are meant for `docker`; without a socket, an Engine named `docker` is asked.
set -eu
if [ -z "${1-}" ] || [ "${1#-}" != "$1" ] || docker help "$1" > /dev/null 2>&1; then set -- docker "$@"; fi
if [ -z "${DOCKER_HOST-}" ] && [ ! -S /var/run/docker.sock ]; then
  if [ -n "${DOCKER_TLS_CERTDIR-}" ] && [ -s "$DOCKER_TLS_CERTDIR/client/ca.pem" ]; then
    export DOCKER_HOST=tcp://docker:2376 DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH="$DOCKER_TLS_CERTDIR/client"
  else
    export DOCKER_HOST=tcp://docker:2375
  fi
fi
exec "$@"
