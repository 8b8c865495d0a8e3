# What an outside plugin needs, as component "sdk": the public headers, the
# templates, and a CMake package that defines greenbench::plugin_api,
# greenbench::greenbench (the program, which checks plugins) and
# greenbench_add_plugin().
include(CMakePackageConfigHelpers)
# Headers and text, the same for every machine.
set(package "${CMAKE_INSTALL_DATADIR}/cmake/greenbench")

install(TARGETS greenbench_plugin_api EXPORT greenbench COMPONENT sdk
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT sdk)
install(EXPORT greenbench NAMESPACE greenbench:: FILE greenbenchTargets.cmake
  DESTINATION "${package}" COMPONENT sdk)

file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/greenbenchConfig.cmake" [[
include("${CMAKE_CURRENT_LIST_DIR}/greenbenchTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/GreenbenchPlugin.cmake")
]])
# An SDK builds plugins for every host of its ABI major; its version is that of
# the headers.
write_basic_package_version_file(
  "${CMAKE_CURRENT_BINARY_DIR}/greenbenchConfigVersion.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/greenbenchConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/greenbenchConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/scripts/cmake/GreenbenchPlugin.cmake"
  "${PROJECT_SOURCE_DIR}/scripts/cmake/plugin.map"
  DESTINATION "${package}" COMPONENT sdk)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/plugins/template"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/greenbench" COMPONENT sdk
  PATTERN "*.sh" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# For builds without CMake. Its prefix follows the file, so that a moved
# installation keeps working.
if(IS_ABSOLUTE "${CMAKE_INSTALL_DATADIR}" OR
    IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  message(STATUS "greenbench.pc is left out: it needs CMAKE_INSTALL_DATADIR and "
    "CMAKE_INSTALL_INCLUDEDIR relative to the prefix")
else()
  file(RELATIVE_PATH GREENBENCH_PREFIX_FROM_PC
    "/prefix/${CMAKE_INSTALL_DATADIR}/pkgconfig" "/prefix")
  string(REGEX REPLACE "/$" "" GREENBENCH_PREFIX_FROM_PC
    "${GREENBENCH_PREFIX_FROM_PC}")
  configure_file("${PROJECT_SOURCE_DIR}/scripts/cmake/greenbench.pc.in"
    "${CMAKE_CURRENT_BINARY_DIR}/greenbench.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/greenbench.pc"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig" COMPONENT sdk)
endif()
