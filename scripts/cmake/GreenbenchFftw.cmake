# FFTW for compute.fft: the library, its threads, and between ranks its MPI part,
# built for the MPI that greenbench uses. The latter two have no .pc file.
#
#   target        greenbench::fftw
#   FFTW_USABLE   all parts are here
#   FFTW_PACKAGE  what to install where one is missing
set(FFTW_USABLE OFF)
set(FFTW_PACKAGE libfftw3-dev)
pkg_check_modules(FFTW IMPORTED_TARGET fftw3>=3.3.9) # fftw_threads_set_callback
find_library(FFTW_THREADS_LIBRARY fftw3_threads HINTS ${FFTW_LIBRARY_DIRS})
if(FFTW_FOUND AND FFTW_THREADS_LIBRARY)
  set(FFTW_USABLE ON)
endif()

if(FFTW_USABLE AND GREENBENCH_HAVE_MPI)
  find_library(FFTW_MPI_LIBRARY fftw3_mpi HINTS ${FFTW_LIBRARY_DIRS})
  find_path(FFTW_MPI_INCLUDE_DIR fftw3-mpi.h HINTS ${FFTW_INCLUDE_DIRS})
  if(NOT FFTW_MPI_LIBRARY OR NOT FFTW_MPI_INCLUDE_DIR)
    set(FFTW_USABLE OFF)
    set(FFTW_PACKAGE libfftw3-mpi-dev)
  else()
    # Another MPI in one process would crash it. A static library does not say.
    greenbench_mpi_soname(NEEDED "${FFTW_MPI_LIBRARY}" theirs)
    foreach(library IN LISTS MPI_C_LIBRARIES)
      greenbench_mpi_soname(SONAME "${library}" ours)
      if(theirs AND ours AND NOT theirs STREQUAL ours)
        message(STATUS "FFTW's MPI part is for ${theirs}, not ${ours}: left out")
        set(FFTW_USABLE OFF)
        set(FFTW_PACKAGE "an FFTW built with this MPI")
      endif()
    endforeach()
  endif()
endif()

if(FFTW_USABLE)
  add_library(greenbench::fftw INTERFACE IMPORTED)
  if(GREENBENCH_HAVE_MPI)
    target_link_libraries(greenbench::fftw INTERFACE "${FFTW_MPI_LIBRARY}")
    target_include_directories(greenbench::fftw SYSTEM INTERFACE
      "${FFTW_MPI_INCLUDE_DIR}")
  endif()
  target_link_libraries(greenbench::fftw INTERFACE "${FFTW_THREADS_LIBRARY}"
    PkgConfig::FFTW)
endif()
