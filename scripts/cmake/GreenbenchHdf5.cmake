# HDF5 for samples: the header and the names of two libraries, which are loaded
# when a file is written and never linked.
#
#   HDF5_USABLE             one for a process alone is here
#   HDF5_SONAME             its name
#   HDF5_PARALLEL_SONAME    that of one built for the MPI that greenbench uses;
#                           empty: none, and HDF5_PARALLEL_REASON says why
#
# The header is that of the first one where there is a choice: the other's
# includes MPI's. Debian has both side by side, and which of them `hdf5` is
# depends on what was installed.
set(HDF5_USABLE OFF)
set(HDF5_PARALLEL_SONAME "")
set(HDF5_PARALLEL_REASON "")
foreach(module IN ITEMS hdf5-serial hdf5)
  if(NOT HDF5_FOUND)
    pkg_check_modules(HDF5 "${module}>=1.10.2")
  endif()
endforeach()
greenbench_soname(HDF5_SONAME hdf5 ${HDF5_LIBRARY_DIRS})
if(HDF5_FOUND AND HDF5_SONAME)
  set(HDF5_USABLE ON)
endif()

set(hdf5_parallel_module hdf5)
foreach(library IN LISTS MPI_C_LIBRARIES)
  greenbench_mpi_soname(SONAME "${library}" soname)
  if(soname)
    set(hdf5_mpi_soname "${soname}")
  endif()
endforeach()
if(hdf5_mpi_soname MATCHES "^libmpich")
  set(hdf5_parallel_module hdf5-mpich)
elseif(hdf5_mpi_soname MATCHES "^libmpi\\.so\\.[2-9]")
  set(hdf5_parallel_module hdf5-openmpi)
endif()
if(HDF5_USABLE AND GREENBENCH_HAVE_MPI)
  foreach(module IN ITEMS "${hdf5_parallel_module}" hdf5)
    if(NOT HDF5_PARALLEL_FOUND)
      pkg_check_modules(HDF5_PARALLEL "${module}>=1.10.2")
    endif()
  endforeach()
  greenbench_soname(HDF5_PARALLEL_SONAME hdf5 ${HDF5_PARALLEL_LIBRARY_DIRS})
  greenbench_mpi_soname(NEEDED "${HDF5_PARALLEL_SONAME_FILE}" theirs)
  if(NOT HDF5_PARALLEL_FOUND OR NOT theirs)
    set(HDF5_PARALLEL_REASON "no HDF5 for this MPI was found")
  elseif(NOT theirs STREQUAL hdf5_mpi_soname)
    # Another MPI in one process would crash it.
    set(HDF5_PARALLEL_REASON
      "the parallel HDF5 is for ${theirs}, not ${hdf5_mpi_soname}")
  elseif(NOT HDF5_PARALLEL_VERSION STREQUAL HDF5_VERSION)
    set(HDF5_PARALLEL_REASON "the parallel HDF5 is ${HDF5_PARALLEL_VERSION}, \
the header ${HDF5_VERSION}")
  endif()
  if(HDF5_PARALLEL_REASON)
    set(HDF5_PARALLEL_SONAME "")
  endif()
endif()
