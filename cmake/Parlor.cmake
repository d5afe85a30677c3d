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

# What Debian's packages have, for what people run; Qt makes all code position-independent. Tests are not optimised.
if(PARLOR_HARDEN)
    set(PARLOR_HARDENING -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
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
    target_compile_options(${name} PRIVATE ${PARLOR_HARDENING})
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
    target_compile_options(${name} PRIVATE ${PARLOR_HARDENING})
    if(PARLOR_HARDENING)
        target_link_options(${name} PRIVATE -pie -Wl,-z,relro,-z,now)
    endif()
    set_target_properties(${name} PROPERTIES OUTPUT_NAME "${arg_OUTPUT}")
endfunction()

# What they test is optimised; they themselves compile twice as fast without, and in half of that with a precompiled header.
# That needs the same modules of Qt for all, and not the folders of the test that Qt defines for QFINDTESTDATA.
function(parlor_test_options name)
    target_link_libraries(${name} PRIVATE parlor_options Qt6::Test Qt6::Network ${ARGN})
    target_compile_options(${name} PRIVATE -O0 -g1 -UQT_TESTCASE_BUILDDIR -UQT_TESTCASE_SOURCEDIR)
    if(CMAKE_UNITY_BUILD)
        # A test class may have members of its file's own types: a file is a "header" of its unit here.
        target_compile_options(${name} PRIVATE -Wno-subobject-linkage)
    endif()
endfunction()

# parlor_test_suite(name [SOURCES …] [DEPENDS …] [NEEDS program-target …] [LABELS …] [WIDGETS] [OFFSCREEN] [PLAIN])
# The program of a folder's tests, bin/tests/name. SOURCES are what they share; NEEDS are programs that they start, and
# find beside themselves; LABELS are ctest's, for all of them. WIDGETS is for tests that use QtGui or QtWidgets, OFFSCREEN
# for those with windows: no display is needed, and pictures go to PARLOR_TEST_PICTURES. PLAIN ones get no precompiled
# header.
function(parlor_test_suite name)
    cmake_parse_arguments(arg "WIDGETS;OFFSCREEN;PLAIN" "" "SOURCES;DEPENDS;NEEDS;LABELS" ${ARGN})
    set(program tests_${name})
    add_executable(${program} ${arg_SOURCES})
    target_link_libraries(${program} PRIVATE ${arg_DEPENDS} parlor_test_main)
    if(arg_WIDGETS OR arg_OFFSCREEN)
        parlor_test_options(${program} Qt6::Widgets)
        set(headers parlor_widget_test_headers)
    else()
        parlor_test_options(${program})
        set(headers parlor_test_headers)
    endif()
    if(NOT arg_PLAIN AND NOT CMAKE_UNITY_BUILD)
        target_precompile_headers(${program} REUSE_FROM ${headers})
    endif()
    parlor_moc(${program})
    set_target_properties(${program} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin/tests")
    if(arg_NEEDS)
        add_dependencies(${program} ${arg_NEEDS})
    endif()
    set(environment "PARLOR_TEST_BIN=${CMAKE_BINARY_DIR}/bin" "PARLOR_TEST_SOURCE=${PROJECT_SOURCE_DIR}" QT_LOGGING_RULES=)
    if(arg_OFFSCREEN)
        list(APPEND environment QT_QPA_PLATFORM=offscreen "PARLOR_TEST_PICTURES=${CMAKE_BINARY_DIR}/pictures")
    endif()
    set_target_properties(${program} PROPERTIES PARLOR_ENVIRONMENT "${environment}" PARLOR_LABELS "${arg_LABELS}")
endfunction()

# parlor_tests(suite name … [LABELS …] [TIMEOUT seconds] [WIRES send qt tls] [ENGINES memory sqlite redis] [SLOW] [SERIAL])
# Adds test classes, each in a file of its name, to a suite. Each is a test of ctest's: `bin/tests/suite name`. For each
# of WIRES it runs again, as name_wire, against a server that carries its connections that way (tests/support/wire.h).
# With ENGINES it runs on each of them, as name_engine. The label `slow` is for SLOW ones and for those of WIRES: `./test`
# leaves them out. SERIAL ones need the whole machine: crowds, and what is judged by how far a server got.
function(parlor_tests suite)
    cmake_parse_arguments(arg "SLOW;SERIAL" "TIMEOUT" "LABELS;WIRES;ENGINES" ${ARGN})
    get_target_property(environment tests_${suite} PARLOR_ENVIRONMENT)
    get_target_property(labels tests_${suite} PARLOR_LABELS)
    foreach(name ${arg_UNPARSED_ARGUMENTS})
        target_sources(tests_${suite} PRIVATE ${name}.cpp)
        set(variants ${name}:PARLOR_TEST_TRANSPORT=native)
        foreach(wire ${arg_WIRES})
            list(APPEND variants ${name}_${wire}:PARLOR_TEST_TRANSPORT=${wire})
        endforeach()
        if(arg_ENGINES)
            list(TRANSFORM arg_ENGINES REPLACE "(.+)" "${name}_\\1:PARLOR_TEST_ENGINE=\\1" OUTPUT_VARIABLE variants)
        endif()
        foreach(variant ${variants})
            string(REGEX MATCH "^(.+):(.+)$" variant ${variant})
            set(test ${CMAKE_MATCH_1})
            set(choice ${CMAKE_MATCH_2})
            set(variantLabels ${labels} ${arg_LABELS})
            if(arg_SLOW OR choice MATCHES "TRANSPORT=(send|qt|tls)")
                list(APPEND variantLabels slow)
            endif()
            add_test(NAME ${test} COMMAND tests_${suite} ${name})
            set_tests_properties(${test} PROPERTIES
                ENVIRONMENT "${environment};${choice}"
                LABELS "${variantLabels}")
            if(arg_TIMEOUT)
                set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT})
            endif()
            if(arg_SERIAL)
                set_tests_properties(${test} PROPERTIES RUN_SERIAL TRUE)
            endif()
        endforeach()
    endforeach()
endfunction()
