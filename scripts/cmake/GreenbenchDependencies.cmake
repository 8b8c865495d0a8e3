# Every outside library, found in this one place. An optional one is AUTO, ON
# or OFF; ON fails with the name of the package to install.
include(FeatureSummary)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# greenbench_require(<target suffix> <pkg-config name> <debian package>)
function(greenbench_require name module package)
  pkg_check_modules(${name} IMPORTED_TARGET "${module}")
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "greenbench needs ${module}: install '${package}' "
      "(Debian), or see scripts/quickstart.sh for dnf and zypper")
  endif()
endfunction()

greenbench_require(HWLOC hwloc libhwloc-dev)
greenbench_require(JANSSON jansson libjansson-dev)
greenbench_require(YAML yaml-0.1 libyaml-dev)
greenbench_require(CRYPTO libcrypto libssl-dev)

# greenbench_optional(<feature> <found> <debian package> <description>)
function(greenbench_optional feature found package description)
  set(want "${GREENBENCH_WITH_${feature}}")
  if(NOT want MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR
      "GREENBENCH_WITH_${feature}: expected AUTO, ON or OFF, got '${want}'")
  endif()
  if(want STREQUAL "ON" AND NOT found)
    message(FATAL_ERROR "GREENBENCH_WITH_${feature}=ON, but it was not found: "
      "install '${package}'")
  endif()
  set(have OFF)
  if(found AND NOT want STREQUAL "OFF")
    set(have ON)
  endif()
  set(GREENBENCH_HAVE_${feature} ${have} PARENT_SCOPE)
  add_feature_info(${feature} ${have} "${description}")
endfunction()

if(NOT GREENBENCH_WITH_MPI STREQUAL "OFF")
  find_package(MPI COMPONENTS C)
endif()
greenbench_optional(MPI "${MPI_C_FOUND}" libopenmpi-dev
  "several ranks, network.* benchmarks")
if(NOT GREENBENCH_WITH_PAPI STREQUAL "OFF")
  pkg_check_modules(PAPI IMPORTED_TARGET papi)
endif()
greenbench_optional(PAPI "${PAPI_FOUND}" libpapi-dev
  "event counters, energy events of PAPI's components")
if(NOT GREENBENCH_WITH_CURL STREQUAL "OFF")
  pkg_check_modules(CURL IMPORTED_TARGET libcurl)
endif()
greenbench_optional(CURL "${CURL_FOUND}" libcurl4-openssl-dev
  "energy source redfish")
if(NOT GREENBENCH_WITH_HDF5 STREQUAL "OFF")
  pkg_check_modules(HDF5 hdf5>=1.10.2)
  # What is loaded is the file that has this header, by the name that stays when
  # it is updated: libhdf5_serial.so.103.
  find_library(HDF5_FILE hdf5 HINTS ${HDF5_LIBRARY_DIRS})
  if(HDF5_FILE)
    get_filename_component(HDF5_FILE_REAL "${HDF5_FILE}" REALPATH)
    get_filename_component(HDF5_FILE_NAME "${HDF5_FILE_REAL}" NAME)
    string(REGEX MATCH "^.*\\.so\\.[0-9]+" HDF5_SONAME "${HDF5_FILE_NAME}")
  endif()
  if(HDF5_FOUND AND HDF5_SONAME)
    set(HDF5_USABLE ON)
  endif()
endif()
greenbench_optional(HDF5 "${HDF5_USABLE}" libhdf5-dev
  "samples as HDF5, for h5py and xarray")
if(NOT GREENBENCH_WITH_BLAS STREQUAL "OFF")
  pkg_check_modules(OPENBLAS IMPORTED_TARGET openblas)
endif()
greenbench_optional(BLAS "${OPENBLAS_FOUND}" libopenblas-dev
  "compute.dgemm")
if(NOT GREENBENCH_WITH_FFTW STREQUAL "OFF")
  include(GreenbenchFftw)
endif()
greenbench_optional(FFTW "${FFTW_USABLE}" "${FFTW_PACKAGE}" "compute.fft")
if(NOT GREENBENCH_WITH_FUSE STREQUAL "OFF")
  pkg_check_modules(FUSE IMPORTED_TARGET fuse3>=3.10)
endif()
greenbench_optional(FUSE "${FUSE_FOUND}" libfuse3-dev
  "greenbench-emulator, emulated machines to measure")
