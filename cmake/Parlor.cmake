# One function for each kind of target; every target gets the same language level, warnings and sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_AUTOMOC OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(PARLOR_CCACHE ccache)
if(PARLOR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # What one clone has compiled serves the others, with the precompiled header of the tests, too.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PARLOR_CCACHE}")
    if("$ENV{CCACHE_BASEDIR}$ENV{CCACHE_SLOPPINESS}" STREQUAL "")
        set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
            CCACHE_SLOPPINESS=pch_defines,time_macros "${PARLOR_CCACHE}")
    endif()
endif()

add_library(parlor_options INTERFACE)
target_include_directories(parlor_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(parlor_options INTERFACE
    PARLOR_VERSION="${PROJECT_VERSION}"
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_KEYWORDS QT_NO_FOREACH QT_USE_QSTRINGBUILDER)
target_compile_options(parlor_options INTERFACE
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=."
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wold-style-cast
    $<$<BOOL:${PARLOR_WERROR}>:-Werror>)
if(PARLOR_SANITIZE)
    target_compile_options(parlor_options INTERFACE -fsanitize=${PARLOR_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(parlor_options INTERFACE -fsanitize=${PARLOR_SANITIZE})
    if(PARLOR_SANITIZE MATCHES "undefined")
        target_compile_options(parlor_options INTERFACE -fno-sanitize=vptr) # Qt's plugins carry no RTTI
    endif()
endif()

# Runs moc. CMake keeps its output out of unity builds, where a unit of its own costs as much as the library: there
# the output is included by a source that CMake puts with the others.
function(parlor_moc name)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    if(CMAKE_UNITY_BUILD)
        set(mocs "${CMAKE_CURRENT_BINARY_DIR}/${name}_autogen/mocs_compilation.cpp")
        set_source_files_properties("${mocs}" PROPERTIES HEADER_FILE_ONLY ON)
        file(CONFIGURE OUTPUT ${name}_mocs.cpp CONTENT "#include \"${mocs}\"\n")
        target_sources(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${name}_mocs.cpp")
        set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${name}_mocs.cpp" PROPERTIES SKIP_AUTOGEN ON)
    endif()
endfunction()

# parlor_library(name SOURCES … [DEPENDS …] [MOC])
function(parlor_library name)
    cmake_parse_arguments(arg "MOC" "" "SOURCES;DEPENDS" ${ARGN})
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC parlor_options ${arg_DEPENDS})
    if(arg_MOC)
        parlor_moc(${name})
    endif()
endfunction()

# parlor_embed_text(target SYMBOL name FILE file)
# Compiles a text file in, as `extern const std::string_view parlor::name`.
function(parlor_embed_text target)
    cmake_parse_arguments(arg "" "SYMBOL;FILE" "" ${ARGN})
    set(path "${PROJECT_SOURCE_DIR}/${arg_FILE}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    file(READ "${path}" TEXT_CONTENT)
    set(TEXT_FILE "${arg_FILE}")
    set(TEXT_SYMBOL "${arg_SYMBOL}")
    set(generated "${CMAKE_CURRENT_BINARY_DIR}/${arg_SYMBOL}.cpp")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/text.cpp.in" "${generated}" @ONLY)
    target_sources(${target} PRIVATE "${generated}")
endfunction()

# parlor_program(name OUTPUT file SOURCES … [DEPENDS …])
function(parlor_program name)
    cmake_parse_arguments(arg "" "OUTPUT" "SOURCES;DEPENDS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE parlor_options ${arg_DEPENDS})
    set_target_properties(${name} PROPERTIES OUTPUT_NAME "${arg_OUTPUT}")
endfunction()

# What they test is optimised; they themselves compile twice as fast without, and in half of that with a precompiled header.
# That needs the same modules of Qt for all, and not the folders of the test that Qt defines for QFINDTESTDATA.
function(parlor_test_options name)
    target_link_libraries(${name} PRIVATE parlor_options Qt6::Test Qt6::Network ${ARGN})
    target_compile_options(${name} PRIVATE -O0 -g1 -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
endfunction()

# parlor_test(name SOURCES … [DEPENDS …] [NEEDS program-target …] [LABELS …] [TIMEOUT seconds] [WIRES send qt tls]
# [WIDGETS] [OFFSCREEN])
# A Qt Test program under ctest. NEEDS are programs that the test starts; it finds them beside itself. For each of WIRES
# it runs again, as name_wire, against a server that carries its connections that way (tests/support/wire.h). WIDGETS
# is for tests that use QtGui or QtWidgets, OFFSCREEN for those with windows: no display is needed, and pictures go to
# PARLOR_TEST_PICTURES.
function(parlor_test name)
    cmake_parse_arguments(arg "WIDGETS;OFFSCREEN" "TIMEOUT" "SOURCES;DEPENDS;NEEDS;LABELS;WIRES" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS})
    if(arg_WIDGETS OR arg_OFFSCREEN)
        parlor_test_options(${name} Qt6::Widgets)
        target_precompile_headers(${name} REUSE_FROM parlor_widget_test_headers)
    else()
        parlor_test_options(${name})
        target_precompile_headers(${name} REUSE_FROM parlor_test_headers)
    endif()
    set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin/tests")
    if(arg_NEEDS)
        add_dependencies(${name} ${arg_NEEDS})
    endif()
    foreach(wire native ${arg_WIRES})
        set(test ${name})
        if(NOT wire STREQUAL native)
            set(test ${name}_${wire})
        endif()
        add_test(NAME ${test} COMMAND ${name})
        set_tests_properties(${test} PROPERTIES
            ENVIRONMENT "PARLOR_TEST_BIN=${CMAKE_BINARY_DIR}/bin;PARLOR_TEST_SOURCE=${PROJECT_SOURCE_DIR};PARLOR_TEST_TRANSPORT=${wire};QT_LOGGING_RULES=")
        if(arg_OFFSCREEN)
            set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT
                "QT_QPA_PLATFORM=offscreen;PARLOR_TEST_PICTURES=${CMAKE_BINARY_DIR}/pictures")
        endif()
        if(arg_LABELS)
            set_tests_properties(${test} PROPERTIES LABELS "${arg_LABELS}")
        endif()
        if(arg_TIMEOUT)
            set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT})
        endif()
    endforeach()
endfunction()
