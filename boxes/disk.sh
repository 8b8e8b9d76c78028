#!/bin/sh
# A guest's folder as a bootable raw disk: one partition, extlinux in its MBR. Needs a loop device, no device mapper.
# usage: disk.sh WORK        reads WORK/rootfs, writes WORK/disk.raw
set -eu

work=$1 root=$1/rootfs disk=$1/disk.raw
PATH=$PATH:/usr/sbin:/sbin
start=1048576 size_mb=20480

# VirtualBox and QEMU know the NICs as eth0 and eth1 only without the kernel's own naming.
kernel=$(basename "$root"/boot/vmlinuz-*)
version=${kernel#vmlinuz-}
cat > "$root/boot/extlinux.conf" <<CONF
default linux
prompt 0
timeout 0
label linux
    linux /boot/vmlinuz-$version
    initrd /boot/initrd.img-$version
    append root=LABEL=root ro net.ifnames=0 console=tty0 console=ttyS0 quiet
CONF
echo 'LABEL=root / ext4 errors=remount-ro,discard 0 1' > "$root/etc/fstab"

truncate -s "${size_mb}M" "$disk"
echo "start=$((start / 512)), type=83, bootable" | sfdisk --quiet "$disk"
dd if=/usr/lib/EXTLINUX/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none

loop=$(losetup --find --show --offset "$start" "$disk")
mounted=$work/mounted
release() {
    if mountpoint -q "$mounted"; then umount "$mounted"; fi
    losetup --detach "$loop"
}
trap release EXIT
# extlinux reads no 64-bit ext4, and no checksums of metadata.
mkfs.ext4 -q -L root -O ^64bit,^metadata_csum "$loop"
mkdir -p "$mounted"
mount "$loop" "$mounted"
cp -a "$root/." "$mounted/"
extlinux --install "$mounted/boot" 2> /dev/null
