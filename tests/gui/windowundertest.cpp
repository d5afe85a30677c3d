// SPDX-License-Identifier: MIT
#include "tests/gui/windowundertest.h"

#include <QDir>
#include <QPlainTextEdit>
#include <QSet>
#include <QTest>

namespace parlor::gui::test {

using namespace std::chrono_literals;

ClientOptions WindowUnderTest::hastyOptions()
{
    ClientOptions options = ChatController::desktopOptions();
    options.backoff.first = 150ms;
    options.backoff.cap = 400ms;
    options.quietLoss = 0ms;
    return options;
}

WindowUnderTest::WindowUnderTest(Scheme scheme, const ClientOptions &options, const QString &profile)
    : m_profile(profile.isEmpty() ? m_folder.path() : profile)
    , m_store(QDir(m_profile).filePath(QStringLiteral("parlor.ini")), QSettings::IniFormat)
    , m_settings(m_store)
    , m_state(openFreeStore(m_profile, QStringLiteral("window")).store)
    , m_controller(m_settings, *m_state, m_keychain, options)
    , m_window(m_controller, m_settings, m_theme)
{
    m_theme.setScheme(scheme);
}

void WindowUnderTest::open(const QString &address, const QString &name, const QString &room)
{
    m_window.show();
    m_window.activateWindow();
    if (!QTest::qWaitForWindowActive(&m_window))
        qWarning("the window does not become active");
    m_window.connectTo(address, name, room);
}

void WindowUnderTest::type(const QString &text)
{
    QTest::keyClicks(&child<QPlainTextEdit>("messageInput"), text);
}

void WindowUnderTest::pressEnter()
{
    QTest::keyClick(&child<QPlainTextEdit>("messageInput"), Qt::Key_Return);
}

QString WindowUnderTest::banner()
{
    if (!child<QWidget>("connectionBanner").isVisible())
        return {};
    return child<QLabel>("bannerText").text();
}

QStringList WindowUnderTest::said()
{
    QStringList texts;
    const MessageModel *messages = m_controller.messages(m_controller.currentRoom());
    for (int row = 0; messages && row < messages->rowCount(); ++row)
        texts.append(messages->index(row).data(MessageModel::TextRole).toString());
    return texts;
}

bool WindowUnderTest::save(QWidget &widget, const QString &name, double scale)
{
    QImage image(widget.size() * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    widget.render(&image);
    const QDir folder(qEnvironmentVariable("PARLOR_TEST_PICTURES", QStringLiteral("pictures")));
    folder.mkpath(QStringLiteral("."));
    image.save(folder.filePath(QStringLiteral("window-%1.png").arg(name)));
    QSet<QRgb> colors;
    for (int y = 0; y < image.height(); y += 3) {
        for (int x = 0; x < image.width(); x += 3)
            colors.insert(image.pixel(x, y));
    }
    return colors.size() > 20;
}

} // namespace parlor::gui::test
