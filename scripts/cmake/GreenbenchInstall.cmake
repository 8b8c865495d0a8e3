# What is installed beside programs, modules and the SDK. Components:
#
#   runtime   the program, its manual pages, saved machines, completion, module
#   plugins   the benchmarks
#   sdk       what plugins of others are built with; see GreenbenchSdk.cmake
#   emulator  greenbench-emulator
#   doc       the documentation, with the reference that target `docs` makes
set(greenbench_man_pages greenbench-carbon.1 greenbench.1 greenbench-run.1 greenbench-list.1
  greenbench-sensors.1 greenbench-score.1 greenbench-doctor.1 greenbench-selftest.1
  greenbench-report.1 greenbench-compare.1 greenbench-validate.1 greenbench-claim.1 greenbench-grade.1 greenbench-bundle.1
  greenbench-history-add.1 greenbench-history-list.1
  greenbench-history-trend.1 greenbench-history-gate.1
  greenbench-plugin-check.1 greenbench-plugin-new.1)

foreach(page IN LISTS greenbench_man_pages)
  install(FILES "${PROJECT_SOURCE_DIR}/docs/man/${page}"
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/scripts/greenbench.bash"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
  RENAME greenbench COMPONENT runtime)
configure_file("${PROJECT_SOURCE_DIR}/scripts/modulefile.in"
  "${PROJECT_BINARY_DIR}/modulefile" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/modulefile"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/modulefiles/greenbench"
  RENAME "${PROJECT_VERSION}" COMPONENT runtime)
# Not where udev would act on it: who may read energy counters is for the site
# to decide.
install(FILES "${PROJECT_SOURCE_DIR}/scripts/60-greenbench-powercap.rules"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/greenbench" COMPONENT runtime)
install(FILES "${PROJECT_SOURCE_DIR}/README.md"
  "${PROJECT_SOURCE_DIR}/README.zh-CN.md" "${PROJECT_SOURCE_DIR}/LICENSE"
  "${PROJECT_SOURCE_DIR}/scripts/packaging/copyright"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)
if(GREENBENCH_HAVE_FUSE)
  install(FILES "${PROJECT_SOURCE_DIR}/docs/man/greenbench-emulator.1"
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT emulator)
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT doc
  FILES_MATCHING PATTERN "*.md" PATTERN man EXCLUDE PATTERN examples EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/examples/claims"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT doc)
install(FILES
  "${PROJECT_SOURCE_DIR}/scripts/greenbench.sbatch"
  "${PROJECT_SOURCE_DIR}/scripts/greenbench.pbs"
  "${PROJECT_SOURCE_DIR}/scripts/greenbench.lsf"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT doc)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/scripts/suites"
  "${PROJECT_SOURCE_DIR}/scripts/integrations"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT doc)
