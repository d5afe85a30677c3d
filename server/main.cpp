// SPDX-License-Identifier: MIT
#include "server/ops/coredump.h"
#include "server/ops/logging.h"
#include "server/ops/options.h"
#include "server/ops/statefolder.h"
#include "server/server.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <cstdio>

int main(int argc, char **argv)
{
    using namespace parlor;
    openMissingStandardStreams();
    qputenv("QT_NO_GLIB", "1"); // GLib's event dispatcher wakes its loop for each posted event
    const QCoreApplication application(argc, argv);
    const auto parsed = parseOptions(argc, argv);
    if (const auto *early = std::get_if<EarlyExit>(&parsed)) {
        if (early->exitCode == 0)
            return writeToStdout(early->text, "parlor-server") ? 0 : 1;
        std::fputs(early->text.c_str(), stderr);
        return early->exitCode;
    }
    const Options &options = std::get<Options>(parsed);
    log::start(options);
    for (const std::string &warning : options.warnings)
        qCWarning(log::server, "%s", warning.c_str());

    if (const auto kept = options.dumpMemory ? Result<void>() : keepMemoryOutOfCoreDumps(); !kept)
        qCWarning(log::server, "%s", kept.error().text.c_str());

    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is its writer's error, not our end
    std::signal(SIGPIPE, SIG_IGN); // so is a pipe or socket that nobody reads
    std::signal(SIGHUP, SIG_DFL);  // it means reload() here, under nohup, too
    SignalWatcher signals({SIGTERM, SIGINT, SIGHUP});

    if (options.backup) {
        const auto copied = Server::backUp(options);
        if (!copied) {
            std::fprintf(stderr, "parlor-server: %s\n", copied.error().text.c_str());
            return 1;
        }
        return writeToStdout(*copied + '\n', "parlor-server") ? 0 : 1;
    }
    if (options.folderToMake) {
        if (const auto made = makeFolder(*options.folderToMake); !made) {
            std::fprintf(stderr, "parlor-server: %s\n", made.error().text.c_str());
            return 1;
        }
    }
    if (options.store.database) {
        if (const auto found = checkFolderFor(*options.store.database); !found) {
            std::fprintf(stderr, "parlor-server: %s\n", found.error().text.c_str());
            return 1;
        }
    }
    Server server(options, [argc, argv] { return parseOptions(argc, argv); });
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "parlor-server: %s\n", started.error().text.c_str());
        return 1;
    }
    const QSocketNotifier signalled(signals.descriptor(), QSocketNotifier::Read);
    QObject::connect(&signalled, &QSocketNotifier::activated, &server, [&] {
        while (const auto signal = signals.next())
            *signal == SIGHUP ? (void)server.reload() : server.drain();
    });
    QObject::connect(&server, &Server::stopped, &application, &QCoreApplication::quit);
    QObject::connect(&server, &Server::failed, &application, [](const std::string &text) {
        std::fprintf(stderr, "parlor-server: %s\n", text.c_str());
        QCoreApplication::exit(1);
    });
    return QCoreApplication::exec();
}
