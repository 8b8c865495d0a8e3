# CPack: greenbench, greenbench-dev and greenbench-doc as Debian packages, all of
# it as .tar.gz. scripts/packaging/build_packages.sh makes them from a build of
# their own; see decision 0027.
set(CPACK_GENERATOR "TGZ;DEB")
set(CPACK_PACKAGE_NAME greenbench)
set(CPACK_PACKAGE_VENDOR greenbench)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_FILE_NAME
  "greenbench-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE
  OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# Whatever is installed belongs to one of these.
set(CPACK_COMPONENTS_ALL runtime plugins sdk doc)
if(GREENBENCH_HAVE_FUSE)
  list(APPEND CPACK_COMPONENTS_ALL emulator)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_GREENBENCH_PACKAGE_NAME greenbench)
set(CPACK_DEBIAN_GREENBENCH_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_GREENBENCH_PACKAGE_SUGGESTS
  "greenbench-doc, ipmitool, bash-completion")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME greenbench-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS
  "cmake (>= 3.25), pkg-config, greenbench-doc")
set(CPACK_DEBIAN_DOC_PACKAGE_NAME greenbench-doc)
set(CPACK_DEBIAN_DOC_PACKAGE_SECTION doc)
set(CPACK_DEBIAN_DOC_PACKAGE_ARCHITECTURE all)

# What is loaded by name, so that dpkg-shlibdeps does not see it. Nothing runs
# without libcrypto; the others serve the history, --hdf5, bundles, a source, and
# the launch of ranks.
set(GREENBENCH_NEEDED_FILES "${CRYPTO_SONAME_FILE}")
set(GREENBENCH_RECOMMENDED_FILES "${SQLITE_SONAME_FILE}")
if(GREENBENCH_HAVE_HDF5)
  list(APPEND GREENBENCH_RECOMMENDED_FILES "${HDF5_SONAME_FILE}")
endif()
if(GREENBENCH_HAVE_BUNDLES)
  list(APPEND GREENBENCH_RECOMMENDED_FILES "${LIBARCHIVE_SONAME_FILE}")
endif()
if(GREENBENCH_HAVE_HDF5_PARALLEL)
  list(APPEND GREENBENCH_RECOMMENDED_FILES "${HDF5_PARALLEL_SONAME_FILE}")
endif()
if(GREENBENCH_HAVE_MPI)
  list(APPEND GREENBENCH_RECOMMENDED_FILES "${MPIEXEC_EXECUTABLE}")
endif()
set(GREENBENCH_RECOMMENDED "")
if(GREENBENCH_HAVE_CURL)
  set(GREENBENCH_RECOMMENDED "libcurl4 | libcurl3-gnutls")
endif()
set(packaging "${PROJECT_SOURCE_DIR}/scripts/packaging")
configure_file("${packaging}/cpack_config.cmake.in"
  "${PROJECT_BINARY_DIR}/cpack_config.cmake" @ONLY)
configure_file("${packaging}/debian_files.cmake.in"
  "${PROJECT_BINARY_DIR}/debian_files.cmake" @ONLY)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_BINARY_DIR}/cpack_config.cmake")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_BINARY_DIR}/debian_files.cmake")

include(CPack)
cpack_add_component_group(greenbench DISPLAY_NAME "greenbench"
  DESCRIPTION "the program and its benchmarks")
cpack_add_component_group(dev DISPLAY_NAME "SDK"
  DESCRIPTION "what plugins are built and tried with")
cpack_add_component(runtime GROUP greenbench)
cpack_add_component(plugins GROUP greenbench)
cpack_add_component(sdk GROUP dev)
cpack_add_component(emulator GROUP dev)
cpack_add_component_group(doc DISPLAY_NAME "documentation")
cpack_add_component(doc GROUP doc)
