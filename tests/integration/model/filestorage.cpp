// SPDX-License-Identifier: MIT
#include "tests/integration/model/filestorage.h"

#include <QDir>
#include <QFile>
#include <QProcess>

#include <sqlite3.h>
#include <sys/resource.h>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

namespace {

/// How large the server's files may become; what is written past it fails.
Problem limitFiles(qint64 server, std::uint64_t bytes)
{
    const rlimit limit{bytes, RLIM_INFINITY};
    return ::prlimit(static_cast<pid_t>(server), RLIMIT_FSIZE, &limit, nullptr) == 0
               ? Problem()
               : u"the server's files cannot be limited"_s;
}

} // namespace

QStringList FileStorage::arguments(int run) const
{
    if (m_kind == Kind::Memory)
        return {u"--store"_s, u"memory"_s, u"--secret-file"_s, m_folder.filePath(u"secret"_s)};
    // Every second one has hardly any memory, and must read what it tells of the past.
    return {u"--store"_s, u"sqlite:"_s + m_folder.filePath(u"parlor.db"_s), u"--history-memory"_s,
            run % 2 == 0 ? u"16KiB"_s : u"256MiB"_s};
}

Problem FileStorage::fill(qint64 server)
{
    return limitFiles(server, 0);
}

Problem FileStorage::makeRoom(qint64 server)
{
    return limitFiles(server, RLIM_INFINITY);
}

Problem FileStorage::backUp(std::map<QString, qint64> &tops)
{
    const QString copy = m_folder.filePath(u"copy.db"_s);
    QProcess process;
    process.start(QDir(qEnvironmentVariable("PARLOR_TEST_BIN")).filePath(u"parlor-server"_s),
                  arguments(0) + QStringList{u"--backup"_s, copy});
    if (!process.waitForFinished() || process.exitCode() != 0)
        return u"the backup fails: "_s + QString::fromUtf8(process.readAllStandardError());
    sqlite3 *database = nullptr;
    const auto learn = [](void *known, int, char **values, char **) {
        (*static_cast<std::map<QString, qint64> *>(known))[QString::fromUtf8(values[0])] =
            QByteArray(values[1]).toLongLong();
        return 0;
    };
    const bool isRead = sqlite3_open(copy.toUtf8().constData(), &database) == SQLITE_OK &&
                        sqlite3_exec(database,
                                     "SELECT name, max(seq, ifnull((SELECT max(seq) FROM messages "
                                     "WHERE room = rooms.id), 0)) FROM rooms",
                                     learn, &tops, nullptr) == SQLITE_OK;
    sqlite3_close(database);
    return isRead ? Problem() : u"the backup cannot be read"_s;
}

Problem FileStorage::restore()
{
    const QString store = m_folder.filePath(u"parlor.db"_s);
    for (const QString &file : QStringList{store, store + u"-wal"_s, store + u"-shm"_s})
        QFile::remove(file);
    return QFile::copy(m_folder.filePath(u"copy.db"_s), store) ? Problem() : u"the backup cannot be copied"_s;
}

} // namespace parlor::test::model
