# The labelled sentences (engine/tasks/sentiment.cpp) and their notices, made from the npm package `sentiment`, which is no part
# of the repository: ${CMAKE_BINARY_DIR}/examples/reviews.txt and reviews-notice.txt, in UNROLL_SENTENCES. Empty where node or
# the package is missing; the task says so then.
find_program(UNROLL_NODE NAMES node nodejs NO_CMAKE_FIND_ROOT_PATH DOC "Node.js, for what is made from npm packages")
file(GLOB sentences_package CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/node_modules/sentiment/package.json)
set(UNROLL_SENTENCES)
if(UNROLL_NODE AND sentences_package)
  set(UNROLL_SENTENCES ${CMAKE_BINARY_DIR}/examples/reviews.txt ${CMAKE_BINARY_DIR}/examples/reviews-notice.txt)
  add_custom_command(OUTPUT ${UNROLL_SENTENCES}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/labelled_sentences.mjs ${sentences_package}
    COMMAND ${UNROLL_NODE} ${CMAKE_SOURCE_DIR}/tools/labelled_sentences.mjs
            ${CMAKE_SOURCE_DIR}/node_modules/sentiment ${UNROLL_SENTENCES} VERBATIM)
else()
  message(STATUS "Labelled sentences: node or node_modules/sentiment not found (npm ci fetches it); the task goes without")
endif()
add_custom_target(unroll_sentences DEPENDS ${UNROLL_SENTENCES})
