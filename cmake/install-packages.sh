#!/bin/sh
# install-packages.sh [PACKAGE|LIST]...
# Installs those of the named Debian packages, or of the named lists beside this script
# (default: packages.txt), that this machine lacks, without starting their services; then
# makes sure that the fast BLAS is the one in use. Does nothing, quickly, where all is in
# place.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages=
for name in "${@:-packages.txt}"; do
  case $name in
    *.txt) packages="$packages $(sed 's/#.*//' "$here/$name")" ;;
    *) packages="$packages $name" ;;
  esac
done

# Runs a command as root: directly, or with sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

can_be_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

# Those of our packages that are not installed, in one line.
missing_packages() {
  # shellcheck disable=SC2086  # One argument per package.
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $packages 2>/dev/null |
    sed -n 's/^installed //p')
  for package in $packages; do
    printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s ' "$package"
  done
}

install_missing() {
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  if ! can_be_root; then
    echo "install-packages: needs root or sudo to install what is missing. As root, run:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends $missing" >&2
    exit 1
  fi
  echo "Installing $missing"
  as_root apt-get update -q
  # shellcheck disable=SC2086
  without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing
}

# Debian starts the services of what it installs, unless this file, asked for each, says no.
# One that is there already is its owner's.
without_services() {
  policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  trap 'as_root rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod +x "$policy"
  "$@"
  as_root rm -f "$policy"
  trap - EXIT
}

# One field of `update-alternatives --query`: Status (auto or manual) or Value (the path).
alternative() { update-alternatives --query "$1" 2>/dev/null | sed -n "s/^$2: //p" | head -n 1; }

# Of several BLAS packages Debian prefers OpenBLAS with its own threads, which fight with
# our worker threads. A choice made by hand is the owner's: warn, but keep it.
select_blas() {
  directory=$1
  link=$2
  name=$link-$(basename "$directory")
  wanted=$directory/openblas-openmp/$link
  value=$(alternative "$name" Value)
  if [ ! -e "$wanted" ] || [ "$value" = "$wanted" ]; then
    return 0
  fi
  if [ "$(alternative "$name" Status)" = auto ] && can_be_root; then
    as_root update-alternatives --set "$name" "$wanted"
  else
    echo "install-packages: warning: $link is $value, which can be 16 times slower." >&2
    echo "  As root: update-alternatives --set $name $wanted" >&2
  fi
}

if ! command -v dpkg-query >/dev/null; then
  echo "install-packages: not a Debian system; install what cmake/packages.txt lists." >&2
  exit 0
fi
install_missing
for openblas in /usr/lib/*/openblas-openmp; do
  select_blas "$(dirname "$openblas")" libblas.so.3
  select_blas "$(dirname "$openblas")" liblapack.so.3
done
