# SPDX-License-Identifier: Apache-2.0
# Untried: no Spack was at hand when this was written. A test compiles it and
# holds its variants against the options of the build.
#
# It builds the source tree that it lies in:
#
#   spack repo create spack-greenbench greenbench
#   cp -r scripts/packaging/spack/greenbench spack-greenbench/packages/
#   spack repo add spack-greenbench
#   spack dev-build greenbench@0.1.0
from spack.package import *


class Greenbench(CMakePackage):
    """Performance per watt of HPC machines, with uncertainty: runs compute,
    memory and network benchmarks across MPI ranks while it reads the energy
    counters of every node."""

    license("Apache-2.0")

    version("0.1.0")

    variant("mpi", default=True, description="several ranks, network.*")
    variant("papi", default=True, description="event counters")
    variant("blas", default=True, description="compute.dgemm, compute.hpl")
    variant("fftw", default=True, description="compute.fft")
    variant("charts", default=False, description="charts in HTML pages")
    variant("curl", default=True, description="energy source redfish")
    variant("hdf5", default=True, description="samples as HDF5")
    variant(
        "hdf5_parallel",
        default=False,
        when="+mpi+hdf5",
        description="samples written by the leaders of all nodes",
    )
    variant("bundles", default=True, description="bundles of evidence")
    variant("fuse", default=False, description="greenbench-emulator")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("hwloc")
    depends_on("jansson")
    depends_on("libyaml")
    depends_on("openssl")
    depends_on("sqlite@3.24:")
    depends_on("mpi", when="+mpi")
    depends_on("papi", when="+papi")
    depends_on("openblas", when="+blas")
    depends_on("fftw~mpi", when="+fftw~mpi")
    depends_on("fftw+mpi", when="+fftw+mpi")
    depends_on("npm", type="build", when="+charts")
    depends_on("curl", when="+curl")
    depends_on("hdf5", when="+hdf5")
    depends_on("hdf5+mpi", when="+hdf5_parallel")
    depends_on("libarchive@3.3.3: compression=zstd", when="+bundles")
    depends_on("libfuse@3.10:", when="+fuse")

    def cmake_args(self):
        features = (
            "mpi papi blas fftw charts curl hdf5 hdf5_parallel bundles fuse"
        ).split()
        return [
            self.define("BUILD_TESTING", False),
            *[
                self.define_from_variant(f"GREENBENCH_WITH_{name.upper()}", name)
                for name in features
            ],
        ]
