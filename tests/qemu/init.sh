#!/bin/busybox sh
# First process of the guest, from the initramfs: makes the host's files the root file system, read
# only below and memory above, and goes on as /run/guest.sh in there. See initramfs.py.
/bin/busybox --install -s /bin
mkdir /proc /host /memory
mount -t proc proc /proc
mount -t tmpfs memory /memory
for module in $(cat /modules/order); do
    insmod "/modules/$module" || echo "guest: cannot load $module"
done
# The host's files do not change meanwhile, so the guest may keep what it has read.
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 host /host
mkdir /memory/changed /memory/work /memory/root
mount -t overlay -o lowerdir=/host,upperdir=/memory/changed,workdir=/memory/work overlay /memory/root
cd /memory/root || poweroff -f
for place in run tmp var/tmp dev/shm; do
    mkdir -p $place
    [ $place = dev/shm ] && mount -t devtmpfs dev dev && mkdir -p dev/shm dev/pts
    mount -t tmpfs tmpfs $place
done
mount -t devpts devpts dev/pts
mount -t sysfs sys sys
mount --move /proc proc
mkdir -p usr/lib/modules
mount -o bind "/host$(cat /modules/tree)" usr/lib/modules
cp /guest.sh run/guest.sh
exec switch_root /memory/root /bin/sh /run/guest.sh
