# greenbench_add_unit_test(<name> SOURCES <file>... LAYERS <dir>... [LINK <lib>...])
#
# A cmocka program linked to the named folders of core/ and to nothing else of
# ours: "unit.metering.delta". No MPI, no clock, no hardware. Exit 77 skips.
if(BUILD_TESTING)
  pkg_check_modules(CMOCKA IMPORTED_TARGET cmocka)
  if(NOT CMOCKA_FOUND)
    message(FATAL_ERROR "greenbench's tests need cmocka: install "
      "'libcmocka-dev' (Debian), or configure with -DBUILD_TESTING=OFF")
  endif()
endif()

function(greenbench_add_unit_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LAYERS;LINK")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "greenbench_add_unit_test(${name}): expected SOURCES, "
      "LAYERS and LINK, got '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  string(REPLACE "." "_" target "test_${name}")
  add_executable(${target} ${arg_SOURCES})
  foreach(layer IN LISTS arg_LAYERS)
    string(REPLACE "/" "_" library "gb_${layer}")
    target_link_libraries(${target} PRIVATE ${library})
  endforeach()
  target_link_libraries(${target} PRIVATE greenbench::build_flags
    greenbench::plugin_api PkgConfig::CMOCKA Threads::Threads m ${arg_LINK})
  target_include_directories(${target} PRIVATE
    "${PROJECT_SOURCE_DIR}/core" "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    GB_TEST_FIXTURES="${PROJECT_SOURCE_DIR}/tests/fixtures")
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES
    LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
endfunction()
