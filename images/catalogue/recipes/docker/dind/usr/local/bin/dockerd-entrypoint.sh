#!/bin/sh
# Starts the Engine, with certificates of its own where DOCKER_TLS_CERTDIR says so. Other commands run as in docker:cli.
set -eu

# FOLDER NAME USE: makes a certificate that the authority in $DOCKER_TLS_CERTDIR/ca has signed.
certificate() {
  [ -s "$1/cert.pem" ] && return
  mkdir -p "$1"
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1/key.pem" -subj "/CN=$2" -out "$1/csr.pem" 2> /dev/null
  printf 'extendedKeyUsage = %s\nsubjectAltName = DNS:docker,DNS:localhost,DNS:%s,IP:127.0.0.1\n' "$3" "$(hostname)" > "$1/extensions"
  openssl x509 -req -in "$1/csr.pem" -CA "$DOCKER_TLS_CERTDIR/ca/cert.pem" -CAkey "$DOCKER_TLS_CERTDIR/ca/key.pem" -CAcreateserial \
    -days 825 -extfile "$1/extensions" -out "$1/cert.pem" 2> /dev/null
  cp "$DOCKER_TLS_CERTDIR/ca/cert.pem" "$1/ca.pem"
}

if [ -z "${1-}" ] || [ "${1#-}" != "$1" ]; then
  if [ -n "${DOCKER_TLS_CERTDIR-}" ]; then
    mkdir -p "$DOCKER_TLS_CERTDIR/ca"
    [ -s "$DOCKER_TLS_CERTDIR/ca/cert.pem" ] || openssl req -new -x509 -newkey rsa:2048 -nodes -days 825 -subj '/CN=docker:dind CA' \
      -keyout "$DOCKER_TLS_CERTDIR/ca/key.pem" -out "$DOCKER_TLS_CERTDIR/ca/cert.pem" 2> /dev/null
    certificate "$DOCKER_TLS_CERTDIR/server" docker:dind serverAuth
    certificate "$DOCKER_TLS_CERTDIR/client" docker:client clientAuth
    set -- dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify \
      --tlscacert "$DOCKER_TLS_CERTDIR/server/ca.pem" --tlscert "$DOCKER_TLS_CERTDIR/server/cert.pem" \
      --tlskey "$DOCKER_TLS_CERTDIR/server/key.pem" "$@"
  else
    set -- dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2375 --tls=false "$@"
  fi
fi
if [ "$1" = dockerd ]; then
  # Left behind by a container that was killed.
  rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid
  # With cgroup v2 the controllers can be handed on only by a group without processes.
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs 2> /dev/null || true
    sed 's/ / +/g; s/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control || true
  fi
  # A containerd that the Engine starts itself gets 15 seconds, too few on an emulated processor; one that runs is taken.
  folder=/run/containerd
  rm -rf "$folder" && mkdir -p "$folder"
  printf 'version = 2\nroot = "/var/lib/docker/containerd"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' > "$folder/config.toml"
  containerd --config "$folder/config.toml" --log-level warn &
  for second in $(seq 120); do
    [ -S "$folder/containerd.sock" ] && break
    sleep 1
  done
  exec tini -- "$@"
fi
exec docker-entrypoint.sh "$@"
