# Options, the warning set and sanitizers, all carried by one interface target:
# greenbench::build_flags.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

option(GREENBENCH_WERROR "treat warnings as errors" OFF)
set(GREENBENCH_SANITIZE "" CACHE STRING
  "sanitizers, as for -fsanitize: address;undefined or thread")
foreach(feature MPI PAPI BLAS CURL FFTW FUSE HDF5)
  set(GREENBENCH_WITH_${feature} AUTO CACHE STRING
    "build with ${feature}: AUTO, ON or OFF")
  set_property(CACHE GREENBENCH_WITH_${feature} PROPERTY STRINGS AUTO ON OFF)
endforeach()

add_library(greenbench_build_flags INTERFACE)
add_library(greenbench::build_flags ALIAS greenbench_build_flags)
target_compile_features(greenbench_build_flags INTERFACE c_std_17)
target_compile_definitions(greenbench_build_flags INTERFACE _GNU_SOURCE)
target_compile_options(greenbench_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla
  -Wformat=2 -Wundef -fno-common -fvisibility=hidden)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # Texts for people are cut to their field on purpose; gcc flags each of them.
  target_compile_options(greenbench_build_flags INTERFACE
    -Wno-format-truncation)
  if(CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
    # MPICH's MPI_STATUSES_IGNORE is address 1, which gcc takes for an object of
    # no size unless small addresses count as memory.
    target_compile_options(greenbench_build_flags INTERFACE
      --param=min-pagesize=0)
  endif()
endif()
if(GREENBENCH_WERROR)
  target_compile_options(greenbench_build_flags INTERFACE -Werror)
endif()
if(GREENBENCH_SANITIZE)
  string(REPLACE ";" "," sanitizers "${GREENBENCH_SANITIZE}")
  target_compile_options(greenbench_build_flags INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(greenbench_build_flags INTERFACE -fsanitize=${sanitizers})
endif()
option(GREENBENCH_FUZZ "build libFuzzer programs (clang)" OFF)
if(GREENBENCH_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "GREENBENCH_FUZZ: expected clang as the C compiler, got "
      "'${CMAKE_C_COMPILER_ID}'")
  endif()
  # The code that is fuzzed tells libFuzzer where it has been.
  target_compile_options(greenbench_build_flags INTERFACE
    -fsanitize=fuzzer-no-link)
  target_link_options(greenbench_build_flags INTERFACE
    -fsanitize=fuzzer-no-link)
endif()
