# Options, the warning set and sanitizers, all carried by one interface target:
# greenbench::build_flags.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

option(GREENBENCH_WERROR "treat warnings as errors" OFF)
set(GREENBENCH_SANITIZE "" CACHE STRING
  "sanitizers, as for -fsanitize: address;undefined or thread")
foreach(feature MPI PAPI BLAS BUNDLES CHARTS CURL FFTW FUSE HDF5 HDF5_PARALLEL)
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

# Code that is loaded from elsewhere runs in this process, so the ways from a bug
# to somebody else's code are closed in every build: addresses that change,
# tables that cannot be written, a stack that is no code and is checked. None of
# it is in a loop: canaries are laid where a function with an array begins and
# ends. tests/lint/hardening_test.py looks at what was built.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_compile_options(greenbench_build_flags INTERFACE
  -fstack-protector-strong)
target_link_options(greenbench_build_flags INTERFACE
  "LINKER:-z,relro,-z,now,-z,noexecstack")
if(NOT GREENBENCH_SANITIZE)
  # It needs optimisation, and a sanitizer's own checks of the same calls.
  target_compile_options(greenbench_build_flags INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
    $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
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
