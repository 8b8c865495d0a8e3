# Install the SDK to WORK/prefix, build the template there against it, test it.
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "expected success, got ${result}: ${ARGN}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
step("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix"
  --component sdk)
step("${CMAKE_COMMAND}" -S "${WORK}/prefix/${DATADIR}/greenbench/template"
  -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}"
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix" -DCMAKE_BUILD_TYPE=Release)
step("${CMAKE_COMMAND}" --build "${WORK}/build")
step("${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --no-tests=error
  --output-on-failure)
if(NOT EXISTS "${WORK}/build/plugins/acme.axpy.so")
  message(FATAL_ERROR "expected ${WORK}/build/plugins/acme.axpy.so, got none")
endif()
