# Target `docs`: the reference of the public headers, by Doxygen, whose warnings
# are errors. Not part of `all`; installed with component `doc` where it was
# made.
find_program(GREENBENCH_DOXYGEN doxygen)
mark_as_advanced(GREENBENCH_DOXYGEN)
set(reference "${PROJECT_BINARY_DIR}/docs/reference")
set(have_docs OFF)
if(GREENBENCH_DOXYGEN)
  configure_file("${PROJECT_SOURCE_DIR}/docs/Doxyfile.in"
    "${PROJECT_BINARY_DIR}/docs/Doxyfile" @ONLY)
  get_target_property(public_headers greenbench_plugin_api HEADER_SET)
  add_custom_command(OUTPUT "${reference}/index.html"
    COMMAND "${GREENBENCH_DOXYGEN}" "${PROJECT_BINARY_DIR}/docs/Doxyfile"
    DEPENDS ${public_headers} "${PROJECT_BINARY_DIR}/docs/Doxyfile"
      "${PROJECT_SOURCE_DIR}/docs/reference.md"
    VERBATIM)
  add_custom_target(docs DEPENDS "${reference}/index.html")
  set(have_docs ON)
else()
  add_custom_target(docs
    COMMAND "${CMAKE_COMMAND}" -E echo
      "docs: expected doxygen, found none: install it and configure again"
    COMMAND "${CMAKE_COMMAND}" -E false)
endif()
add_feature_info(docs "${have_docs}"
  "reference of the plugin interface, not part of 'all': needs doxygen")
install(DIRECTORY "${reference}" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT doc OPTIONAL)
