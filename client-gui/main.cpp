// SPDX-License-Identifier: MIT
#include "client-gui/controller/chatcontroller.h"
#include "client-gui/controller/settings.h"
#include "client-gui/keychain/systemkeychain.h"
#include "client-gui/look/theme.h"
#include "client-gui/mainwindow.h"
#include "shared/client/arguments.h"
#include "shared/client/storage/stores.h"
#include "shared/process/signalwatcher.h"
#include "shared/process/standardstreams.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QSocketNotifier>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QTimer>

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

namespace {

/// How long the goodbye to the server may take after the window is closed.
constexpr std::chrono::milliseconds kGoodbye{1'000};

struct CommandLine
{
    std::string url;
    std::string name;
    std::string room;
    std::string profile;
    std::string platform;
    std::string caFile;
    std::string tokenFile;
    std::string tokenCommand;
};

/// Without one Qt aborts the process. Elsewhere than on Linux there always is one.
bool hasDisplay()
{
#ifdef Q_OS_LINUX
    return !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") || !qEnvironmentVariableIsEmpty("DISPLAY") ||
           !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
#else
    return true;
#endif
}

/// While Qt looks for the display: it would abort the process where it finds none.
void onMessageAtStart(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (type != QtFatalMsg) {
        if (qstrncmp(context.category, "qt.qpa", 6) != 0)
            std::cerr << "parlor: " << text.toStdString() << '\n';
        return;
    }
    const std::string display = qgetenv("DISPLAY").toStdString();
    const std::string platform = qgetenv("QT_QPA_PLATFORM").toStdString();
    std::cerr << "parlor: cannot open a window"
              << (display.empty() ? std::string() : " on the display " + display)
              << (platform.empty() ? std::string() : " with the platform plugin " + platform);
    const QString plugins = text.section(QStringLiteral("Available platform plugins are: "), 1).trimmed();
    if (!plugins.isEmpty())
        std::cerr << " (there are: " << plugins.chopped(plugins.endsWith(u'.') ? 1 : 0).toStdString() << ')';
    std::cerr << "; check DISPLAY and --platform, or chat in the terminal with parlor-cli chat" << std::endl;
    std::_Exit(1);
}

std::unique_ptr<QApplication> makeApplication(int &argc, char **argv)
{
    const QtMessageHandler before = qInstallMessageHandler(onMessageAtStart);
    auto application = std::make_unique<QApplication>(argc, argv);
    qInstallMessageHandler(before);
    return application;
}

/// The system's authorities, and those in the file; nullopt: it was said why not.
std::optional<QSslConfiguration> trusting(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly)) {
        std::cerr << "parlor: cannot read the certificate file " << path << ": "
                  << file.errorString().toStdString() << '\n';
        return std::nullopt;
    }
    const auto certificates = QSslCertificate::fromDevice(&file, QSsl::Pem);
    if (certificates.isEmpty()) {
        std::cerr << "parlor: --ca-file " << path << ": no PEM certificate is in it\n";
        return std::nullopt;
    }
    auto tls = QSslConfiguration::defaultConfiguration();
    tls.addCaCertificates(certificates);
    return tls;
}

std::shared_ptr<parlor::TokenSource> tokenSource(const CommandLine &given)
{
    if (!given.tokenCommand.empty())
        return std::make_shared<parlor::TokenCommand>(QString::fromStdString(given.tokenCommand));
    if (!given.tokenFile.empty())
        return std::make_shared<parlor::TokenFile>(QString::fromStdString(given.tokenFile));
    return nullptr;
}

std::unique_ptr<QSettings> openSettings(const QString &profile)
{
    if (profile.isEmpty())
        return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                           QStringLiteral("parlor"), QStringLiteral("parlor"));
    return std::make_unique<QSettings>(QDir(profile).filePath(QStringLiteral("parlor.ini")),
                                       QSettings::IniFormat);
}

} // namespace

int main(int argc, char **argv)
{
    using namespace parlor::gui;
    parlor::openMissingStandardStreams();
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is its writer's error, not our end
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    CommandLine given;
    CLI::App cli{"Parlor, the desktop chat client", "parlor"};
    cli.set_version_flag("--version", "parlor " PARLOR_VERSION);
    cli.add_option("--url,URL", given.url, "The server: ws://HOST:PORT or wss://HOST (default: the last one)")
        ->type_name("ADDRESS");
    cli.add_option("--name", given.name, "Your name there (default: the last one)")->type_name("NAME");
    cli.add_option("--room", given.room, "The room to open (default: the last one, or general)")
        ->type_name("ROOM");
    cli.add_option("--profile", given.profile,
                   "The folder to keep settings and state in (default: the user's)")
        ->type_name("FOLDER");
    cli.add_option("--ca-file", given.caFile, "PEM certificates to trust for wss://, besides the system's")
        ->type_name("FILE");
    auto *tokenFile =
        cli.add_option(
               "--token-file", given.tokenFile,
               "A file with the token, for servers that ask for one; read anew for each connection, and "
               "before the token expires (default: the keychain's, or you are asked)")
            ->type_name("FILE")
            ->envname("PARLOR_TOKEN_FILE");
    cli.add_option(
           "--token-command", given.tokenCommand,
           "A command (of /bin/sh) that prints the token in its first line; run when a file would be read")
        ->type_name("CMD")
        ->envname("PARLOR_TOKEN_COMMAND")
        ->excludes(tokenFile);
    cli.add_option("--platform", given.platform,
                   "Qt's platform plugin: xcb, wayland, offscreen (default: Qt chooses)")
        ->type_name("PLUGIN");
    if (const auto wrong = parlor::argumentThatIsNoText(argc, argv)) {
        std::cerr << "parlor: " << *wrong << '\n';
        return 2;
    }
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        std::ostringstream text;
        if (cli.exit(error, text, std::cerr) != 0)
            return 2;
        return parlor::writeToStdout(text.str(), "parlor") ? 0 : 1;
    }
    if (!given.platform.empty())
        qputenv("QT_QPA_PLATFORM", QByteArray::fromStdString(given.platform));
    if (!hasDisplay()) {
        std::cerr
            << "parlor: there is no display (DISPLAY and WAYLAND_DISPLAY are not set); start it in a desktop "
               "session, or chat in the terminal with parlor-cli chat\n";
        return 1;
    }
    int count = 1; // Qt has a --name of its own: it does not get ours to read
    const auto made = makeApplication(count, argv);
    QApplication &application = *made;
    QApplication::setApplicationName(QStringLiteral("Parlor"));
    QApplication::setApplicationVersion(QStringLiteral(PARLOR_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("parlor"));
    QApplication::setQuitOnLastWindowClosed(false);

    std::optional<QSslConfiguration> tls;
    if (!given.caFile.empty()) {
        tls = trusting(given.caFile);
        if (!tls)
            return 2;
    }
    const auto store = openSettings(QString::fromStdString(given.profile));
    Settings settings(*store);
    if (const QString problem = settings.problem(); !problem.isEmpty())
        std::cerr << "parlor: " << problem.toStdString() << '\n';
    const QString profile = QString::fromStdString(given.profile);
    auto [state, problem, skipped] =
        parlor::openFreeStore(profile.isEmpty() ? parlor::stateFolder() : profile, QStringLiteral("window"));
    const QStringList notices = (problem.isEmpty() ? QStringList() : QStringList{problem}) + skipped;
    for (const QString &each : notices)
        std::cerr << "parlor: " << each.toStdString() << '\n';
    Theme theme;
    QApplication::setWindowIcon(Theme::icon(QStringLiteral("parlor"), theme.tokens().accent));
    theme.setScheme(settings.scheme());
    SystemKeychain keychain;
    ChatController controller(settings, *state, keychain, ChatController::desktopOptions());
    controller.signIn().setProgramSource(tokenSource(given));
    if (tls)
        controller.setTls(*tls);
    MainWindow window(controller, settings, theme);
    if (!notices.isEmpty())
        window.showNotice(notices.join(u'\n'));
    window.show();
    auto signals =
        std::make_unique<parlor::SignalWatcher>(std::initializer_list<int>{SIGINT, SIGTERM, SIGHUP});
    QSocketNotifier signalled(signals->descriptor(), QSocketNotifier::Read);
    QObject::connect(&signalled, &QSocketNotifier::activated, &window, [&] {
        signalled.setEnabled(false);
        signals.reset(); // a second one ends the process at once
        window.closeNow();
    });

    // The window goes at once; the server is told, which takes a moment.
    QObject::connect(&application, &QGuiApplication::lastWindowClosed, &application, [&] {
        QObject::connect(&controller.connection(), &ConnectionModel::statusChanged, &application, [&] {
            if (!controller.isConnected())
                QCoreApplication::quit();
        });
        if (controller.isConnected())
            QTimer::singleShot(kGoodbye, &application, &QCoreApplication::quit);
        else
            QCoreApplication::quit();
    });

    const QString address = given.url.empty() ? settings.server() : QString::fromStdString(given.url);
    const QString name = given.name.empty() ? settings.username() : QString::fromStdString(given.name);
    if (address.isEmpty())
        window.showConnectDialog();
    else
        window.connectTo(address, name, QString::fromStdString(given.room));
    return QApplication::exec();
}
