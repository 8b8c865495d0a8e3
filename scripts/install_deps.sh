#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Install what greenbench needs: install_deps.sh [--tests] [--check]
#
# --tests  also what the tests need
# --check  install nothing: say what is missing and exit 1 if anything is
#
# On Debian and Ubuntu missing packages are installed with apt-get, as root or
# through sudo. On a distribution without apt nothing is guessed: the packages
# are named for dnf and zypper, and the exit code is 2.
set -eu

build_packages=(build-essential cmake ninja-build pkg-config libhwloc-dev
  libopenmpi-dev openmpi-bin libpapi-dev libopenblas-dev libjansson-dev
  libyaml-dev libssl-dev)
test_packages=(libcmocka-dev clang clang-format clang-tidy libclang-rt-dev
  python3 python3-jsonschema shellcheck strace valgrind)

tests=0
check=0
for word in "$@"; do
  case "$word" in
    --tests) tests=1 ;;
    --check) check=1 ;;
    *) echo "install_deps.sh: expected --tests or --check, got '$word'" >&2
       exit 2 ;;
  esac
done

packages=("${build_packages[@]}")
[ "$tests" = 0 ] || packages+=("${test_packages[@]}")

if ! command -v dpkg-query >/dev/null 2>&1; then
  cat >&2 <<'EOF'
This is not a Debian-based system, so nothing is installed for you. Install:

  dnf (Fedora, RHEL with EPEL and CRB):
    sudo dnf install gcc gcc-c++ make cmake ninja-build pkgconf-pkg-config \
      hwloc-devel openmpi-devel papi-devel openblas-devel jansson-devel \
      libyaml-devel openssl-devel \
      libcmocka-devel clang clang-tools-extra python3-jsonschema ShellCheck \
      strace valgrind
    module load mpi/openmpi-x86_64

  zypper (openSUSE, SLES with the HPC module):
    sudo zypper install gcc gcc-c++ make cmake ninja pkgconf \
      hwloc-devel openmpi4-devel papi-devel openblas-devel libjansson-devel \
      libyaml-devel libopenssl-devel \
      libcmocka-devel clang clang-tools python3-jsonschema ShellCheck \
      strace valgrind

then run the script again with --no-install.
EOF
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

if [ "${#missing[@]}" = 0 ]; then
  echo "all ${#packages[@]} packages are installed"
  exit 0
fi
echo "missing: ${missing[*]}"
[ "$check" = 0 ] || exit 1

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install_deps.sh: expected root or sudo to install them, got uid $(id -u)" >&2
    echo "  hint: ask an administrator for the packages above" >&2
    exit 2
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "installed: ${missing[*]}"
