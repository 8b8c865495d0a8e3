# greenbench_npm(<variable> <folder>)
#
# What the package-lock.json of <folder> names, installed by npm into the build
# tree while it is configured, once for each lock: <variable> is the folder that
# has node_modules, or empty with the reason in <variable>_REASON. Scripts of
# packages are not run. A build without a network, or without npm, goes on.
find_program(NPM_EXECUTABLE npm)
find_program(NODE_EXECUTABLE node)

function(greenbench_npm variable folder)
  set(${variable} "" PARENT_SCOPE)
  if(NOT NPM_EXECUTABLE OR NOT NODE_EXECUTABLE)
    set(${variable}_REASON "npm is not installed" PARENT_SCOPE)
    return()
  endif()
  get_filename_component(name "${folder}" NAME)
  set(place "${PROJECT_BINARY_DIR}/npm/${name}")
  set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY
    CMAKE_CONFIGURE_DEPENDS "${folder}/package-lock.json")
  file(SHA256 "${folder}/package-lock.json" lock)
  set(installed "")
  if(EXISTS "${place}/installed")
    file(READ "${place}/installed" installed)
  endif()
  if(NOT installed STREQUAL lock)
    file(MAKE_DIRECTORY "${place}")
    configure_file("${folder}/package.json" "${place}/package.json" COPYONLY)
    configure_file("${folder}/package-lock.json" "${place}/package-lock.json"
      COPYONLY)
    execute_process(COMMAND "${NPM_EXECUTABLE}" ci --ignore-scripts --no-audit
        --no-fund --prefer-offline --fetch-retries 1 --fetch-timeout 30000
      WORKING_DIRECTORY "${place}" RESULT_VARIABLE code TIMEOUT 180
      OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(NOT code EQUAL 0)
      file(WRITE "${place}/npm.log" "${said}")
      set(${variable}_REASON "npm ci failed: ${place}/npm.log" PARENT_SCOPE)
      return()
    endif()
    file(WRITE "${place}/installed" "${lock}")
  endif()
  set(${variable} "${place}" PARENT_SCOPE)
endfunction()
