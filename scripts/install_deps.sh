#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What greenbench needs: is it here, and if not, install it.
# Each thing is looked for itself, not its package, so that a compiler or an MPI
# from a module or another prefix counts as well.
set -eu

usage() {
  cat <<'END'
usage: scripts/install_deps.sh [--tests] [--check]

Installs what is missing with apt-get, as root or through sudo. Where there is
no apt-get, names the packages for dnf and zypper and exits 2.

  --tests  also what the tests need
  --check  install nothing: name what is missing, exit 1 if anything is
END
}

tests=0
check=0
for word in "$@"; do
  case "$word" in
    --tests) tests=1 ;;
    --check) check=1 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install_deps.sh: expected --tests, --check or --help, got '$word'" >&2
       exit 2 ;;
  esac
done

# probe | apt | dnf (Fedora, RHEL with EPEL and CRB) | zypper (openSUSE)
needed='
compiler     | build-essential      | gcc gcc-c++ make         | gcc gcc-c++ make
cmd cmake    | cmake                | cmake                    | cmake
cmd ninja    | ninja-build          | ninja-build              | ninja
cmd pkg-config | pkg-config         | pkgconf-pkg-config       | pkg-config
lib hwloc    | libhwloc-dev         | hwloc-devel              | hwloc-devel
lib jansson  | libjansson-dev       | jansson-devel            | libjansson-devel
lib yaml-0.1 | libyaml-dev          | libyaml-devel            | libyaml-devel
lib libcrypto | libssl-dev          | openssl-devel            | libopenssl-devel
lib sqlite3  | libsqlite3-dev       | sqlite-devel             | sqlite3-devel
cmd mpicc    | libopenmpi-dev       | openmpi-devel            | openmpi4-devel
cmd mpirun   | openmpi-bin          | openmpi                  | openmpi4
lib papi     | libpapi-dev          | papi-devel               | papi-devel
lib libcurl  | libcurl4-openssl-dev | libcurl-devel            | libcurl-devel
lib hdf5     | libhdf5-dev          | hdf5-devel               | hdf5-devel
lib libarchive | libarchive-dev     | libarchive-devel         | libarchive-devel
lib openblas | libopenblas-dev      | openblas-devel           | openblas-devel
lib fuse3    | libfuse3-dev         | fuse3-devel              | fuse3-devel
lib fftw3    | libfftw3-dev         | fftw-devel               | fftw3-devel
header fftw3-mpi.h | libfftw3-mpi-dev | fftw-openmpi-devel     | fftw3-mpi-devel
'
needed_by_tests='
lib cmocka   | libcmocka-dev        | libcmocka-devel          | libcmocka-devel
cmd fusermount3 | fuse3             | fuse3                    | fuse3
cmd clang    | clang                | clang                    | clang
file /usr/aarch64-linux-gnu/include/stdint.h | libc6-dev-arm64-cross |  | cross-aarch64-glibc-devel
cmd clang-format | clang-format     | clang-tools-extra        | clang-tools
cmd clang-tidy | clang-tidy         | clang-tools-extra        | clang-tools
cmd python3  | python3              | python3                  | python3
jsonschema   | python3-jsonschema   | python3-jsonschema       | python3-jsonschema
cmd ssh-keygen | openssh-client     | openssh-clients          | openssh-clients
h5py         | python3-h5py         | python3-h5py             | python3-h5py
pandas       | python3-pandas       | python3-pandas           | python3-pandas
cmd promtool | prometheus           | golang-github-prometheus | golang-github-prometheus-prometheus
cmd shellcheck | shellcheck         | ShellCheck               | ShellCheck
cmd strace   | strace               | strace                   | strace
cmd valgrind | valgrind             | valgrind                 | valgrind
cmd openssl  | openssl              | openssl                  | openssl
cmd ipmitool | ipmitool             | ipmitool                 | ipmitool
cmd ipmi_sim | openipmi             | OpenIPMI-lanserv         | OpenIPMI
lib OpenIPMI | libopenipmi-dev      | OpenIPMI-devel           | OpenIPMI-devel
cmd munged   | munge                | munge                    | munge
cmd slurmctld | slurmctld           | slurm-slurmctld          | slurm
cmd slurmd   | slurmd               | slurm-slurmd             | slurm-node
cmd srun     | slurm-client         | slurm                    | slurm
cmd ip       | iproute2             | iproute                  | iproute2
cmd mpicc.mpich | libmpich-dev      | mpich-devel              | mpich-devel
cmd mpiexec.mpich | mpich           | mpich                    | mpich
lib hdf5-openmpi | libhdf5-openmpi-dev | hdf5-openmpi-devel    | hdf5-openmpi4-devel
lib hdf5-mpich | libhdf5-mpich-dev  | hdf5-mpich-devel         | hdf5-mvapich2-devel
cmd ethtool  | ethtool              | ethtool                  | ethtool
cmd doxygen  | doxygen              | doxygen                  | doxygen
cmd lintian  | lintian              | lintian                  | lintian
cmd abidiff  | abigail-tools        | libabigail               | libabigail-tools
cmd zstd     | zstd                 | zstd                     | zstd
cmd tclsh    | tcl                  | tcl                      | tcl
cmd npm      | nodejs npm           | nodejs-npm               | npm-default
cmd chromium | chromium             | chromium                 | chromium
file /usr/share/fonts/truetype/wqy/wqy-zenhei.ttc | fonts-wqy-zenhei |  |
cmd smpicc   | libsimgrid-dev       | simgrid-devel            | simgrid-devel
'

have() {
  case "$1" in
    compiler) command -v cc >/dev/null && command -v c++ >/dev/null &&
      command -v make >/dev/null ;;
    # The tests take the system's Python where another that comes first has not
    # what they need (tests/CMakeLists.txt).
    h5py | jsonschema | pandas) python3 -c "import $1" 2>/dev/null ||
      /usr/bin/python3 -c "import $1" 2>/dev/null ;;
    "cmd "*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#cmd }" >/dev/null ;;
    "header "*) echo "#include <${1#header }>" | mpicc -E -x c /dev/stdin >/dev/null 2>&1 ;;
    "file "*) [ -e "${1#file }" ] ;;
    "lib "*) command -v pkg-config >/dev/null && pkg-config --exists "${1#lib }" ;;
  esac
}

apt=()
dnf=()
zypper=()
look() {
  local probe deb rpm suse
  apt=() dnf=() zypper=()
  while IFS='|' read -r probe deb rpm suse; do
    read -r probe <<<"$probe"
    if [ -z "$probe" ] || have "$probe"; then
      continue
    fi
    read -ra words <<<"$deb"; apt+=("${words[@]}")
    read -ra words <<<"$rpm"; dnf+=("${words[@]}")
    read -ra words <<<"$suse"; zypper+=("${words[@]}")
  done <<<"$1"
}

table=$needed
[ "$tests" = 0 ] || table+=$needed_by_tests
look "$table"
if [ "${#apt[@]}" = 0 ]; then
  echo "everything that is needed is here"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  cat >&2 <<END
missing, and this system has no apt-get. Install the packages below, then run
the script again:

  dnf:    sudo dnf install ${dnf[*]}
          (on RHEL: EPEL and CRB enabled; then 'module load mpi/openmpi-x86_64')
  zypper: sudo zypper install ${zypper[*]}
END
  exit 2
fi
echo "missing packages: ${apt[*]}"
[ "$check" = 0 ] || exit 1

as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install_deps.sh: expected root or sudo, got uid $(id -u) without sudo" >&2
    echo "  hint: as root: apt-get install ${apt[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi
quiet() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    rm -f "$log"
    echo "install_deps.sh: '$*' failed" >&2
    exit 2
  }
  rm -f "$log"
}
echo "running: ${as_root[*]:-} apt-get update"
quiet "${as_root[@]}" apt-get update
echo "running: ${as_root[*]:-} apt-get install ${apt[*]}"
quiet "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y --no-install-recommends "${apt[@]}"
look "$table"
if [ "${#apt[@]}" != 0 ]; then
  echo "install_deps.sh: expected ${apt[*]} after installing them, still missing" >&2
  exit 2
fi
echo "installed"
