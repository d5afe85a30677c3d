// SPDX-License-Identifier: MIT
#include "client-gui/controller/chatcontroller.h"
#include "client-gui/controller/settings.h"
#include "client-gui/look/theme.h"
#include "client-gui/mainwindow.h"

#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QTimer>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

/// How long the goodbye to the server may take after the window is closed.
constexpr std::chrono::milliseconds kGoodbye{1'000};

struct CommandLine
{
    std::string url;
    std::string name;
    std::string room;
    std::string profile;
};

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
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    CommandLine given;
    CLI::App cli{"Parlor, the desktop chat client. Options of Qt, such as -platform, are taken too.",
                 "parlor"};
    cli.set_version_flag("--version", "parlor " PARLOR_VERSION);
    cli.add_option("--url", given.url, "The server: ws://HOST:PORT or wss://HOST (default: the last one)");
    cli.add_option("--name", given.name, "Your name there (default: the last one)");
    cli.add_option("--room", given.room, "The room to open (default: the last one, or general)");
    cli.add_option("--profile", given.profile, "The folder to keep settings in (default: the user's)");

    // What is not ours may be Qt's (-platform, -style, …), which takes out of the list what it knows. Ours
    // come first: Qt has a --name of its own.
    cli.allow_extras();
    try {
        cli.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return cli.exit(error, std::cout, std::cerr) == 0 ? 0 : 2;
    }
    std::vector<std::string> rest = cli.remaining();
    std::vector<char *> forQt{argv[0]};
    for (std::string &each : rest)
        forQt.push_back(each.data());
    forQt.push_back(nullptr);
    int count = static_cast<int>(forQt.size()) - 1;
    QApplication application(count, forQt.data());
    if (count > 1) {
        std::cerr << "parlor: there is no option " << forQt[1] << "; parlor --help lists them\n";
        return 2;
    }
    QApplication::setApplicationName(QStringLiteral("Parlor"));
    QApplication::setApplicationVersion(QStringLiteral(PARLOR_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("parlor"));
    QApplication::setQuitOnLastWindowClosed(false);

    const auto store = openSettings(QString::fromStdString(given.profile));
    Settings settings(*store);
    Theme theme;
    QApplication::setWindowIcon(Theme::icon(QStringLiteral("parlor"), theme.tokens().accent));
    theme.setScheme(settings.scheme());
    ChatController controller(settings, ChatController::desktopOptions());
    MainWindow window(controller, settings, theme);
    window.show();

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
