// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/controller/chatcontroller.h"
#include "client-gui/controller/settings.h"
#include "client-gui/look/theme.h"
#include "client-gui/mainwindow.h"
#include "shared/client/storage/stores.h"
#include "tests/gui/fakekeychain.h"

#include <QLabel>
#include <QSettings>
#include <QTemporaryDir>

namespace parlor::gui::test {

/// The real window, on a profile of its own unless it is given one, and what a test asks of it again and
/// again.
class WindowUnderTest
{
public:
    /// The desktop's options, but with waits that a test can afford.
    [[nodiscard]] static ClientOptions hastyOptions();

    /// `profile`: the folder of its settings and state; empty: one that ends with this object.
    explicit WindowUnderTest(Scheme scheme = Scheme::Light, const ClientOptions &options = hastyOptions(),
                             const QString &profile = {});

    /// Shown, active, and on its way to a server.
    void open(const QString &address, const QString &name = QStringLiteral("Jun"), const QString &room = {});
    /// Types into the message input, as keys.
    void type(const QString &text);
    void pressEnter();

    [[nodiscard]] MainWindow &window() { return m_window; }
    [[nodiscard]] ChatController &controller() { return m_controller; }
    [[nodiscard]] Theme &theme() { return m_theme; }
    [[nodiscard]] FakeKeychain &keychain() { return m_keychain; }
    /// A file of its profile.
    [[nodiscard]] QString fileOf(const QString &name) const { return m_profile + u'/' + name; }
    template <typename Widget>
    [[nodiscard]] Widget &child(const char *name)
    {
        auto *found = m_window.findChild<Widget *>(QLatin1String(name));
        Q_ASSERT(found);
        return *found;
    }
    [[nodiscard]] QString status() { return child<QWidget>("connectionStatus").accessibleName(); }
    /// What the banner says, without its markup; empty: it is hidden.
    [[nodiscard]] QString banner();
    /// What was said in the open room, oldest first.
    [[nodiscard]] QStringList said();
    /// A picture for people, under PARLOR_TEST_PICTURES. False: it shows nothing.
    [[nodiscard]] bool save(const QString &name, double scale = 1.0) { return save(m_window, name, scale); }
    /// Of a dialog.
    [[nodiscard]] static bool save(QWidget &widget, const QString &name, double scale = 1.0);

private:
    QTemporaryDir m_folder;
    QString m_profile;
    QSettings m_store;
    Settings m_settings;
    Theme m_theme;
    std::unique_ptr<ClientStore> m_state;
    FakeKeychain m_keychain;
    ChatController m_controller;
    MainWindow m_window;
};

} // namespace parlor::gui::test
