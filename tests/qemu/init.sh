#!/bin/busybox sh
# First process of the guest, from the initramfs: makes the host's files the root file system, read
# only below and memory above, and goes on in there as /run/guest.sh. See initramfs.py.
/bin/busybox --install -s /bin
mkdir /proc /host /memory
mount -t proc proc /proc
mount -t tmpfs memory /memory
for module in $(cat /modules/order); do
    insmod "/modules/$module" || echo "guest: cannot load $module"
done

# The host's files do not change meanwhile: the guest may keep what it has read (cache=loose).
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 host /host
mkdir /memory/changed /memory/work /memory/root
mount -t overlay -o lowerdir=/host,upperdir=/memory/changed,workdir=/memory/work overlay /memory/root
cd /memory/root || poweroff -f

mkdir -p proc sys dev run tmp var/tmp usr/lib/modules
mount --move /proc proc
mount -t sysfs sys sys
mount -t devtmpfs dev dev
mkdir -p dev/pts dev/shm
mount -t devpts devpts dev/pts
# Not over /tmp: the project itself may lie there, and the overlay is memory already.
for place in dev/shm run; do
    mount -t tmpfs tmpfs $place
done
mount -o bind "/host$(cat /modules/tree)" usr/lib/modules
cp /guest.sh run/guest.sh
exec switch_root /memory/root /bin/sh /run/guest.sh
