#!/bin/sh
# bare_root.sh DIRECTORY
# Repeats the README's two commands where nothing is installed: makes a minimal Debian 12
# in DIRECTORY (kept, and used again the next time), copies this working tree into it and
# runs `make demo` and `make test` there, each a second time to show what that costs.
# Needs root and debootstrap; apt's sources are those of this machine. Not part of CI.
set -eu

root=${1:?usage: bare_root.sh DIRECTORY}
tree=$(cd "$(dirname "$0")/.." && pwd)

make_root() {
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 '/debian/$') ||
    mirror=http://deb.debian.org/debian
  debootstrap --variant=minbase bookworm "$root" "$mirror"
  settings=$(grep -ls '^Acquire' /etc/apt/apt.conf.d/* || true)
  for file in /etc/apt/sources.list.d/debian.sources $settings; do
    [ ! -f "$file" ] || cp "$file" "$root$file"
  done
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
}

in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    bash -c 'cd /root/hearsay && time "$@"' bash "$@"
}

[ -x "$root/usr/bin/apt-get" ] || make_root
mount -t proc proc "$root/proc"
trap 'umount "$root/dev" "$root/proc"' EXIT
mount --bind /dev "$root/dev"

mkdir -p "$root/root/hearsay"
tar -C "$tree" --exclude='./build*' --exclude=./results/runs -cf - . |
  tar -C "$root/root/hearsay" -xf -
in_root apt-get update -q
in_root apt-get install -q -y --no-install-recommends make
for goal in demo test demo test; do
  echo "== make $goal"
  in_root make "$goal"
done
