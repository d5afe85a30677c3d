// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/theme.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QString>
#include <QStringList>
#include <QUrl>

class QSettings;

namespace parlor::gui {

/// What the desktop client remembers from one run to the next. Written at once: a crash loses nothing.
class Settings
{
    Q_DECLARE_TR_FUNCTIONS(parlor::gui::Settings)
public:
    /// The store must outlive it.
    explicit Settings(QSettings &store);

    [[nodiscard]] QString server() const; ///< as the person wrote it
    void setServer(const QString &server);
    [[nodiscard]] QString username() const;
    void setUsername(const QString &username);

    /// What was joined on a server, and what was open there. Each room is one that can be.
    struct Rooms
    {
        QStringList names;
        QStringList dropped; ///< what was stored besides, by whomever, and is no room's name
    };
    [[nodiscard]] Rooms rooms(const QUrl &server) const;
    void setRooms(const QUrl &server, const QStringList &rooms);
    [[nodiscard]] QString currentRoom(const QUrl &server) const;
    void setCurrentRoom(const QUrl &server, const QString &room);

    [[nodiscard]] Scheme scheme() const;
    void setScheme(Scheme scheme);
    [[nodiscard]] QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray &geometry);
    [[nodiscard]] QByteArray splitter() const;
    void setSplitter(const QByteArray &state);

    /// Why nothing can be remembered, or was not, for people; empty: all is well.
    [[nodiscard]] QString problem();

private:
    QSettings &m_store;
};

} // namespace parlor::gui
