# cmake --install, and packages by CPack: a .deb of each component with its debug symbols, and one archive of all.
# Manual pages, completions and server.toml are written at build time from what the programs say of themselves.

include(GNUInstallDirs)
find_program(PARLOR_PYTHON python3 HINTS /usr/bin REQUIRED)
find_program(PARLOR_RSVG_CONVERT rsvg-convert REQUIRED)
set(PARLOR_CONTACT "The Parlor authors <authors@parlor.invalid>" CACHE STRING "Who answers for the packages")

# The date in pages and changelogs: of the release, not of the build, so that the same sources give the same files.
set(date "$ENV{SOURCE_DATE_EPOCH}")
if(NOT date)
    execute_process(COMMAND git log -1 --format=%ct -- . WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
        OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT date)
    file(TIMESTAMP "${PROJECT_SOURCE_DIR}/CHANGELOG.md" date "%s" UTC)
endif()
set(ENV{SOURCE_DATE_EPOCH} ${date})
string(TIMESTAMP PARLOR_DATE "%Y-%m-%d" UTC)
string(TIMESTAMP PARLOR_DATE_RFC2822 "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(PARLOR_SOURCE_DATE_EPOCH ${date})

set(written "${PROJECT_BINARY_DIR}/packaging")

# What is generated.
set(manual "${PROJECT_SOURCE_DIR}/packaging/manual")
file(GLOB texts CONFIGURE_DEPENDS "${manual}/*.in" "${manual}/*.head")
set(pages parlor-server.1 parlor-server.toml.5 parlor-cli.1 parlor.1)
list(TRANSFORM pages PREPEND "${written}/man/" OUTPUT_VARIABLE pagePaths)
add_custom_command(
    OUTPUT "${written}/server.toml" ${pagePaths}
    COMMAND "${PARLOR_PYTHON}" "${manual}/generate.py" "$<TARGET_FILE_DIR:parlor_server>" "${manual}" "${written}"
        "${PARLOR_DATE}"
    DEPENDS parlor_server parlor_cli parlor_gui "${manual}/generate.py" ${texts}
    COMMENT "Writing manual pages and completions"
    VERBATIM)

set(compressed)
foreach(page IN LISTS pagePaths)
    add_custom_command(OUTPUT "${page}.gz" COMMAND gzip -9nkf "${page}" DEPENDS "${page}" VERBATIM)
    list(APPEND compressed "${page}.gz")
endforeach()

# Icons: the symbol is drawn in currentColor, which is the accent of the light theme here.
file(READ "${PROJECT_SOURCE_DIR}/resources/icons/parlor.svg" symbol)
string(REPLACE "currentColor" "#1F6F5C" symbol "${symbol}")
file(CONFIGURE OUTPUT "${written}/icons/scalable/apps/parlor.svg" CONTENT "${symbol}" @ONLY)
set(iconSizes 16 24 32 48 64 128 256)
set(icons)
foreach(size IN LISTS iconSizes)
    set(icon "${written}/icons/${size}x${size}/apps/parlor.png")
    add_custom_command(OUTPUT "${icon}"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${written}/icons/${size}x${size}/apps"
        COMMAND "${PARLOR_RSVG_CONVERT}" -w ${size} -h ${size} -o "${icon}" "${written}/icons/scalable/apps/parlor.svg"
        DEPENDS "${written}/icons/scalable/apps/parlor.svg" VERBATIM)
    list(APPEND icons "${icon}")
endforeach()
configure_file("${PROJECT_SOURCE_DIR}/packaging/desktop/parlor.metainfo.xml.in" "${written}/parlor.metainfo.xml" @ONLY)

# A system that is upgraded finds the packages for the next release newer; one release of Parlor has them for several.
cmake_host_system_information(RESULT system QUERY DISTRIB_INFO)
set(revision "1~${system_ID}${system_VERSION_ID}")

set(changelogs)
foreach(name server cli desktop)
    file(CONFIGURE OUTPUT "${written}/${name}/changelog.Debian" CONTENT
        "parlor-${name} (${PROJECT_VERSION}-${revision}) unstable; urgency=medium

  * changelog.gz has what is new in this version.

 -- ${PARLOR_CONTACT}  ${PARLOR_DATE_RFC2822}
" @ONLY)
    add_custom_command(OUTPUT "${written}/${name}/changelog.Debian.gz"
        COMMAND gzip -9nkf "${written}/${name}/changelog.Debian"
        DEPENDS "${written}/${name}/changelog.Debian" VERBATIM)
    list(APPEND changelogs "${written}/${name}/changelog.Debian.gz")
endforeach()
add_custom_command(OUTPUT "${written}/changelog.gz"
    COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/CHANGELOG.md" > "${written}/changelog.gz"
    DEPENDS "${PROJECT_SOURCE_DIR}/CHANGELOG.md" VERBATIM)
add_custom_target(parlor_packaging ALL
    DEPENDS "${written}/server.toml" ${compressed} ${icons} ${changelogs} "${written}/changelog.gz")

# What is installed, by component.
install(TARGETS parlor_server COMPONENT server)
install(TARGETS parlor_cli COMPONENT cli)
install(TARGETS parlor_gui COMPONENT desktop)
# The service's configuration is in /etc for the prefix /usr, and below any other prefix; its unit says where.
install(CODE "
    string(MD5 units \"\${CMAKE_INSTALL_PREFIX}\") # a folder for each prefix: installations may run side by side
    set(units \"${written}/units/\${units}\")
    set(bindir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    set(sysconfdir \"\${CMAKE_INSTALL_PREFIX}/etc\")
    set(libexecdir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBEXECDIR}\")
    if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
        set(sysconfdir /etc)
    endif()
    configure_file(\"${PROJECT_SOURCE_DIR}/packaging/systemd/parlor-server.service.in\"
        \"\${units}/parlor-server.service\" @ONLY)
    file(READ \"${PROJECT_SOURCE_DIR}/packaging/aws/parlor-aws-drain.service\" watcher)
    string(REPLACE /usr/libexec \"\${libexecdir}\" watcher \"\${watcher}\")
    file(WRITE \"\${units}/parlor-aws-drain.service\" \"\${watcher}\")
    file(INSTALL \"\${units}/parlor-server.service\" \"\${units}/parlor-aws-drain.service\"
        DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
    if(DEFINED ENV{PARLOR_ARCHIVE}) # what is unpacked overwrites what is there
        file(INSTALL \"${written}/server.toml\"
            DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/doc/parlor-server\")
    elseif(NOT EXISTS \"\$ENV{DESTDIR}\${sysconfdir}/parlor/server.toml\") # an administrator may have edited it
        file(INSTALL \"${written}/server.toml\" DESTINATION \"\${sysconfdir}/parlor\")
    endif()
    " COMPONENT server)
install(PROGRAMS packaging/aws/parlor-aws-drain DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/parlor" COMPONENT server)
install(FILES docs/operating.md DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/parlor-server" COMPONENT server)
install(FILES packaging/desktop/parlor.desktop DESTINATION "${CMAKE_INSTALL_DATADIR}/applications" COMPONENT desktop)
install(FILES "${written}/parlor.metainfo.xml" RENAME invalid.parlor.Parlor.metainfo.xml
    DESTINATION "${CMAKE_INSTALL_DATADIR}/metainfo" COMPONENT desktop)
install(DIRECTORY "${written}/icons/" DESTINATION "${CMAKE_INSTALL_DATADIR}/icons/hicolor" COMPONENT desktop
    FILES_MATCHING PATTERN "*.svg" PATTERN "*.png")

# parlor_install_texts(component program pages…)
function(parlor_install_texts component program)
    foreach(page IN LISTS ARGN)
        string(REGEX MATCH "[0-9]$" section "${page}")
        install(FILES "${written}/man/${page}.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}"
            COMPONENT ${component})
    endforeach()
    install(FILES "${written}/completion/bash/${program}"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" COMPONENT ${component})
    install(FILES "${written}/completion/zsh/_${program}"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" COMPONENT ${component})
    install(FILES "${written}/completion/fish/${program}.fish"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" COMPONENT ${component})
    install(FILES packaging/deb/copyright "${written}/changelog.gz" "${written}/${component}/changelog.Debian.gz"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/parlor-${component}" COMPONENT ${component})
    install(FILES "packaging/deb/${component}.lintian-overrides" RENAME parlor-${component}
        DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides" COMPONENT ${component})
endfunction()
parlor_install_texts(server parlor-server parlor-server.1 parlor-server.toml.5)
parlor_install_texts(cli parlor-cli parlor-cli.1)
parlor_install_texts(desktop parlor parlor.1)

# Packages.
set(CPACK_PACKAGE_NAME parlor)
set(CPACK_PACKAGE_VENDOR "The Parlor authors")
set(CPACK_PACKAGE_CONTACT "${PARLOR_CONTACT}")
set(CPACK_PACKAGE_FILE_NAME "parlor-${PROJECT_VERSION}-${system_ID}${system_VERSION_ID}-${CMAKE_SYSTEM_PROCESSOR}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_COMPONENTS_ALL server cli desktop)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_SOURCE_DATE_EPOCH ${PARLOR_SOURCE_DATE_EPOCH})
configure_file("${PROJECT_SOURCE_DIR}/cmake/CPackOptions.cmake.in" "${PROJECT_BINARY_DIR}/CPackOptions.cmake" @ONLY)
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_BINARY_DIR}/CPackOptions.cmake")

set(CPACK_DEBIAN_PACKAGE_RELEASE ${revision})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME parlor-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "procps") # systemctl reload runs its kill
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "parlor-cli, redis-server (>= 5:6.2) | valkey-server, curl")
# Summary, then text.
set(CPACK_DEBIAN_SERVER_DESCRIPTION "real-time chat server that speaks WebSocket
Rooms with presence and history for browsers, desktops and scripts. Messages
are kept in a database, or in a Redis that several servers share. It counts
itself for Prometheus, and sends its clients elsewhere before it stops.")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    "${written}/server/conffiles;${written}/server/postinst;${written}/server/prerm;${written}/server/postrm")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(name conffiles postinst prerm postrm)
    configure_file("packaging/deb/server.${name}" "${written}/server/${name}" COPYONLY)
endforeach()

set(CPACK_DEBIAN_CLI_PACKAGE_NAME parlor-cli)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION net)
set(CPACK_DEBIAN_CLI_PACKAGE_DEPENDS "libqt6sql6-sqlite")
set(CPACK_DEBIAN_CLI_DESCRIPTION "chat at a terminal, probe and load test Parlor servers
The command-line client of the Parlor chat server: it chats at a terminal and
in scripts, tells how a load balancer spreads connections, and puts a server
under load, with every delivery accounted for at each receiver.")

set(CPACK_DEBIAN_DESKTOP_PACKAGE_NAME parlor-desktop)
set(CPACK_DEBIAN_DESKTOP_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DESKTOP_PACKAGE_DEPENDS "libqt6sql6-sqlite")
set(CPACK_DEBIAN_DESKTOP_PACKAGE_RECOMMENDS "qt6-wayland")
set(CPACK_DEBIAN_DESKTOP_DESCRIPTION "desktop client of the Parlor chat server
Rooms with their history, who is there, who is typing. What was written
without a connection is sent once there is one, and nothing comes twice.")

include(CPack)
