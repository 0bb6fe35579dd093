#!/bin/sh
# Compiles the kernel: build.sh SOURCE_DIR OUTPUT_DIR
# SOURCE_DIR is an unpacked linux-source tree; patches/ are applied to it. Leaves bzImage and the full config in OUTPUT_DIR.
# User, host, date and build number are fixed, so the same compiler yields the same bytes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$1 output=$2
export ARCH=i386 KBUILD_BUILD_USER=drydock KBUILD_BUILD_HOST=drydock
export KBUILD_BUILD_TIMESTAMP='2026-01-01 00:00:00 UTC' KBUILD_BUILD_VERSION=1
cd "$source"
for change in "$here"/patches/*.patch; do patch -p1 <"$change"; done
make tinyconfig >/dev/null
./scripts/kconfig/merge_config.sh -m .config "$here/drydock.config" >/dev/null
make olddefconfig >/dev/null
# An option that Kconfig dropped silently is a machine that fails much later: stop here instead.
lost=0
while read -r line; do
  case $line in
    CONFIG_*=n) name=${line%=n}; ! grep -q "^$name=" .config || { echo "still set: $line" >&2; lost=1; } ;;
    CONFIG_*=*) grep -qxF "$line" .config || { echo "did not stick: $line" >&2; lost=1; } ;;
  esac
done < "$here/drydock.config"
[ "$lost" = 0 ] || exit 1
make -j"$(nproc)" bzImage
mkdir -p "$output"
cp arch/x86/boot/bzImage "$output/bzImage"
cp .config "$output/config"
