// SPDX-License-Identifier: MIT
#include "client-gui/controller/settings.h"

#include "shared/protocol/values.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace parlor::gui {

namespace {

const QString kServer = QStringLiteral("connection/server");
const QString kUsername = QStringLiteral("connection/username");
const QString kScheme = QStringLiteral("appearance/scheme");
const QString kGeometry = QStringLiteral("window/geometry");
const QString kSplitter = QStringLiteral("window/splitter");

/// A server's own group. A URL has slashes, which would nest.
QString groupOf(const QUrl &server, QLatin1String key)
{
    const QByteArray name =
        QUrl::toPercentEncoding(server.toString(QUrl::RemoveQuery | QUrl::RemoveUserInfo));
    return QStringLiteral("servers/%1/%2").arg(QString::fromLatin1(name), key);
}

/// As the protocol writes it; empty: no room can have this name.
QString asRoom(const QString &stored)
{
    const auto checked = values::roomName(stored.trimmed().toStdString());
    return checked ? QString::fromStdString(*checked) : QString();
}

/// An address may have a token in it.
void makePrivate(const QString &path)
{
    constexpr auto kPrivate = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    // Where this fails, problem() says so.
    (void)(file.open(QIODevice::WriteOnly | QIODevice::NewOnly, kPrivate) || file.setPermissions(kPrivate));
}

} // namespace

Settings::Settings(QSettings &store)
    : m_store(store)
{
    makePrivate(store.fileName());
}

QString Settings::server() const
{
    return m_store.value(kServer).toString();
}

void Settings::setServer(const QString &server)
{
    m_store.setValue(kServer, server);
}

QString Settings::username() const
{
    return m_store.value(kUsername).toString();
}

void Settings::setUsername(const QString &username)
{
    m_store.setValue(kUsername, username);
}

Settings::Rooms Settings::rooms(const QUrl &server) const
{
    Rooms rooms;
    for (const QString &each : m_store.value(groupOf(server, QLatin1String("rooms"))).toStringList()) {
        const QString name = asRoom(each);
        if (name.isEmpty())
            rooms.dropped.append(each);
        else if (!rooms.names.contains(name))
            rooms.names.append(name);
    }
    return rooms;
}

void Settings::setRooms(const QUrl &server, const QStringList &rooms)
{
    m_store.setValue(groupOf(server, QLatin1String("rooms")), rooms);
}

QString Settings::currentRoom(const QUrl &server) const
{
    return asRoom(m_store.value(groupOf(server, QLatin1String("room"))).toString());
}

void Settings::setCurrentRoom(const QUrl &server, const QString &room)
{
    m_store.setValue(groupOf(server, QLatin1String("room")), room);
}

Scheme Settings::scheme() const
{
    const QString stored = m_store.value(kScheme).toString();
    if (stored == QLatin1String("light"))
        return Scheme::Light;
    return stored == QLatin1String("dark") ? Scheme::Dark : Scheme::System;
}

void Settings::setScheme(Scheme scheme)
{
    switch (scheme) {
    case Scheme::System:
        m_store.setValue(kScheme, QStringLiteral("system"));
        break;
    case Scheme::Light:
        m_store.setValue(kScheme, QStringLiteral("light"));
        break;
    case Scheme::Dark:
        m_store.setValue(kScheme, QStringLiteral("dark"));
        break;
    }
}

QByteArray Settings::windowGeometry() const
{
    return m_store.value(kGeometry).toByteArray();
}

void Settings::setWindowGeometry(const QByteArray &geometry)
{
    m_store.setValue(kGeometry, geometry);
}

QByteArray Settings::splitter() const
{
    return m_store.value(kSplitter).toByteArray();
}

void Settings::setSplitter(const QByteArray &state)
{
    m_store.setValue(kSplitter, state);
}

QString Settings::problem()
{
    m_store.sync();
    const QString file = QDir::toNativeSeparators(m_store.fileName());
    if (m_store.status() == QSettings::FormatError)
        return tr("The settings in %1 are damaged: what cannot be read there is forgotten.").arg(file);
    if (m_store.status() == QSettings::AccessError || !m_store.isWritable())
        return tr("The settings cannot be kept in %1: nothing is remembered for the next start. Check the "
                  "permissions of the file and its folder, or choose another with --profile.")
            .arg(file);
    return {};
}

} // namespace parlor::gui
