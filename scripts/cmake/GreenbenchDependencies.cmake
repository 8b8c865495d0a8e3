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
greenbench_require(SQLITE sqlite3>=3.24 libsqlite3-dev)

# greenbench_soname(<variable> <library> <hint folder>...)
#
# The name by which the library that was found is loaded at run time: the one
# that stays when it is updated, such as libhdf5_serial.so.103.
function(greenbench_soname variable library)
  find_library(${variable}_FILE "${library}" HINTS ${ARGN})
  if(${variable}_FILE)
    get_filename_component(path "${${variable}_FILE}" REALPATH)
    get_filename_component(name "${path}" NAME)
    string(REGEX MATCH "^.*\\.so\\.[0-9]+" name "${name}")
    set(${variable} "${name}" PARENT_SCOPE)
  endif()
endfunction()

# The MPI library's name that a shared library has (SONAME) or asks for (NEEDED);
# empty: none.
function(greenbench_mpi_soname field library out)
  execute_process(COMMAND "${CMAKE_READELF}" -d "${library}"
    OUTPUT_VARIABLE text ERROR_QUIET)
  string(REGEX MATCH "\\(${field}\\)[^[]*\\[(libmpi[^]]*)\\]" found "${text}")
  set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

greenbench_soname(CRYPTO_SONAME crypto ${CRYPTO_LIBRARY_DIRS})
if(NOT CRYPTO_SONAME)
  message(FATAL_ERROR "greenbench needs libcrypto as a shared library: install "
    "'libssl-dev' (Debian)")
endif()
greenbench_soname(SQLITE_SONAME sqlite3 ${SQLITE_LIBRARY_DIRS})
if(NOT SQLITE_SONAME)
  message(FATAL_ERROR "greenbench needs libsqlite3 as a shared library: install "
    "'libsqlite3-dev' (Debian)")
endif()

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
  include(GreenbenchHdf5)
endif()
greenbench_optional(HDF5 "${HDF5_USABLE}" libhdf5-dev
  "samples as HDF5, for h5py and h5dump")
if(HDF5_PARALLEL_REASON)
  message(STATUS
    "samples.h5 will be written by rank 0 alone: ${HDF5_PARALLEL_REASON}")
endif()
greenbench_optional(HDF5_PARALLEL "${HDF5_PARALLEL_SONAME}"
  "libhdf5-openmpi-dev or libhdf5-mpich-dev"
  "samples.h5 written by all nodes' leaders")
if(NOT GREENBENCH_WITH_BUNDLES STREQUAL "OFF")
  pkg_check_modules(LIBARCHIVE libarchive>=3.3.3)
  greenbench_soname(LIBARCHIVE_SONAME archive ${LIBARCHIVE_LIBRARY_DIRS})
  if(LIBARCHIVE_FOUND AND LIBARCHIVE_SONAME)
    set(BUNDLES_USABLE ON)
  endif()
endif()
greenbench_optional(BUNDLES "${BUNDLES_USABLE}" libarchive-dev
  "bundles of evidence for claims")
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
if(NOT GREENBENCH_WITH_CHARTS STREQUAL "OFF")
  include(GreenbenchNpm)
  greenbench_npm(CHARTS_FOLDER
    "${PROJECT_SOURCE_DIR}/core/pipeline/report/html/charts")
endif()
if(CHARTS_FOLDER_REASON)
  message(STATUS "HTML reports will have tables only: ${CHARTS_FOLDER_REASON}")
endif()
greenbench_optional(CHARTS "${CHARTS_FOLDER}" npm "charts in HTML reports")
