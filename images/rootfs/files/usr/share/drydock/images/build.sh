#!/bin/sh
# Builds the images that every machine starts with, by the Engine in the machine itself.
# Runs once, while the machine is made.
set -eu
cd "$(dirname "$0")"
root=busybox/rootfs
mkdir -p $root/bin $root/etc $root/root $root/home $root/var/www $root/usr/bin
mkdir -m 1777 $root/tmp
cp /usr/bin/busybox $root/bin/busybox
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox $root/bin/"$applet"
done
ln -s /bin/env $root/usr/bin/env
printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n' > $root/etc/passwd
printf 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' > $root/etc/group
printf 'NAME="BusyBox (Drydock)"\nID=busybox\nPRETTY_NAME="BusyBox, a stand-in made from Debian'\''s busybox-static"\n' > $root/etc/os-release
docker build --tag busybox:latest busybox
rm -rf $root
docker build --tag hello-world:latest hello-world
docker builder prune --all --force
