// SPDX-License-Identifier: MIT
#include "shared/client/storage/database.h"

#include "shared/client/storage/schema.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QUuid>

namespace parlor {

namespace {

class DatabaseText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::Database)
};

/// Long enough for two processes that start at once to sort it out.
constexpr int kBusyMilliseconds = 200;

/// Result codes of SQLite; an extended one has it in its lowest byte.
enum class Code {
    Busy = 5,
    ReadOnly = 8,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CannotOpen = 14,
    NotADatabase = 26
};

bool is(const QString &number, Code code)
{
    return (number.toInt() & 0xff) == static_cast<int>(code);
}

Error unusable(const QString &why)
{
    return Error{ErrorCode::Internal, why.toStdString()};
}

constexpr auto kPrivate = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

Error notWritable(const QFile &file)
{
    return unusable(
        DatabaseText::tr("cannot keep anything in %1: %2; check the permissions of the file and its "
                         "folder, or choose another")
            .arg(QDir::toNativeSeparators(file.fileName()), file.errorString()));
}

/// Leaves what is there as it is: it may be somebody else's.
Result<bool> createPrivately(const QString &path)
{
    QFile file(path);
    if (const QFileInfo folder(QFileInfo(path).path()); !folder.isDir())
        return unusable(
            DatabaseText::tr("cannot keep anything in %1: there is no folder %2; make it first, or choose "
                             "another file")
                .arg(QDir::toNativeSeparators(path), QDir::toNativeSeparators(folder.filePath())));
    // Another process may make it between our look and our attempt; then it is there.
    if (!file.exists() && !file.open(QIODevice::ReadWrite | QIODevice::NewOnly, kPrivate) && !file.exists())
        return notWritable(file);
    if (!QFileInfo(path).isFile())
        return unusable(
            DatabaseText::tr("%1 is no regular file; choose another").arg(QDir::toNativeSeparators(path)));
    return true;
}

} // namespace

Result<std::unique_ptr<Database>> Database::open(const QString &path)
{
    if (const auto made = createPrivately(path); !made)
        return made.error();
    std::unique_ptr<Database> database(new Database(path));
    if (const auto ready = database->prepare(); !ready)
        return ready.error();
    return database;
}

Database::Database(const QString &path)
    : m_path(path)
    , m_connection(QUuid::createUuid().toString())
    , m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection))
{
    m_database.setDatabaseName(path);
    m_database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyMilliseconds));
}

Database::~Database()
{
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_connection);
}

Result<bool> Database::prepare()
{
    if (!m_database.open()) {
        m_problem = m_database.lastError().databaseText();
        m_code = m_database.lastError().nativeErrorCode();
        return failure();
    }
    // The lock first: with it nobody else reads or writes, and what is not ours is only looked at.
    if (!run(QStringLiteral("PRAGMA locking_mode = EXCLUSIVE")) || !run(QStringLiteral("BEGIN EXCLUSIVE")))
        return failure();
    const auto kind = checkKind();
    if (!run(kind ? QStringLiteral("COMMIT") : QStringLiteral("ROLLBACK")) && kind)
        return failure();
    if (!kind)
        return kind;
    // Now that it is known to be ours. A log that comes later gets the same.
    for (const auto *suffix : {"", "-wal"}) {
        QFile file(m_path + QLatin1String(suffix));
        if (file.exists() && !file.setPermissions(kPrivate))
            return notWritable(file);
    }
    // What is deleted is overwritten. NORMAL survives the end of the process; a loss of power may take the
    // last moments.
    return runAll({QStringLiteral("PRAGMA journal_mode = WAL"), QStringLiteral("PRAGMA synchronous = NORMAL"),
                   QStringLiteral("PRAGMA foreign_keys = ON"), QStringLiteral("PRAGMA secure_delete = ON")});
}

Result<bool> Database::checkKind()
{
    const qint64 tables = number(QStringLiteral("SELECT count(*) FROM sqlite_schema"));
    const qint64 kind = number(QStringLiteral("PRAGMA application_id"));
    const qint64 version = number(QStringLiteral("PRAGMA user_version"));
    if (tables < 0 || kind < 0 || version < 0)
        return failure();
    if (tables == 0 && kind == 0 && version == 0)
        return runAll(schema::statements());
    const QString file = QDir::toNativeSeparators(m_path);
    if (kind != schema::kApplicationId)
        return unusable(DatabaseText::tr("%1 is no state file of Parlor; choose another").arg(file));
    if (version > schema::kVersion)
        return unusable(
            DatabaseText::tr("%1 is of a newer Parlor (its format is %2, this one knows %3); use the newer "
                             "one, or another place (parlor --profile DIR, parlor-cli chat --state FILE)")
                .arg(file)
                .arg(version)
                .arg(schema::kVersion));
    QString verdict;
    if (!read(QStringLiteral("PRAGMA quick_check(1)"), {},
              [&verdict](const QSqlQuery &row) { verdict = row.value(0).toString(); }))
        return failure();
    if (verdict != QLatin1String("ok"))
        return unusable(
            DatabaseText::tr("%1 is damaged (%2); move it away to begin with a new one").arg(file, verdict));
    return version == schema::kVersion ? Result<bool>(true) : runAll(schema::upgrade(version));
}

Result<bool> Database::runAll(const QStringList &statements)
{
    for (const QString &each : statements) {
        if (!run(each))
            return failure();
    }
    return true;
}

Error Database::failure() const
{
    const QString file = QDir::toNativeSeparators(m_path);
    if (is(m_code, Code::Busy))
        return Error{ErrorCode::Unavailable,
                     DatabaseText::tr("%1 is in use by another program; end that one, or choose another file")
                         .arg(file)
                         .toStdString()};
    if (is(m_code, Code::Corrupt))
        return unusable(DatabaseText::tr("%1 is damaged (%2); move it away to begin with a new one")
                            .arg(file, m_problem));
    if (is(m_code, Code::NotADatabase))
        return unusable(
            DatabaseText::tr("%1 is damaged, or no state file of Parlor; move it away to begin with a new "
                             "one")
                .arg(file));
    if (is(m_code, Code::Full) || is(m_code, Code::IoError))
        return unusable(
            DatabaseText::tr("cannot use %1: %2; see whether its disk is full").arg(file, m_problem));
    if (is(m_code, Code::ReadOnly) || is(m_code, Code::CannotOpen))
        return unusable(
            DatabaseText::tr("cannot use %1: %2; check that you may write the file and its folder")
                .arg(file, m_problem));
    return unusable(DatabaseText::tr("cannot use %1: %2").arg(file, m_problem));
}

bool Database::run(const QString &sql, const QVariantList &values)
{
    return read(sql, values, {});
}

bool Database::read(const QString &sql, const QVariantList &values,
                    const std::function<void(const QSqlQuery &)> &row)
{
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return note(query);
    for (const QVariant &each : values) {
        // A null string would become NULL.
        const bool isNullText = each.metaType().id() == QMetaType::QString && each.toString().isNull();
        query.addBindValue(isNullText ? QVariant(QLatin1String("")) : each);
    }
    if (!query.exec())
        return note(query);
    while (row && query.next())
        row(query);
    return !query.lastError().isValid() || note(query);
}

bool Database::transaction(const std::function<bool()> &body)
{
    if (!run(QStringLiteral("BEGIN IMMEDIATE")))
        return false;
    if (body() && run(QStringLiteral("COMMIT")))
        return true;
    const QString problem = m_problem;
    (void)run(QStringLiteral("ROLLBACK"));
    m_problem = problem;
    return false;
}

/// -1: it failed.
qint64 Database::number(const QString &sql)
{
    qint64 value = -1;
    return read(sql, {}, [&value](const QSqlQuery &row) { value = row.value(0).toLongLong(); }) ? value : -1;
}

/// False, so that it can be returned.
bool Database::note(const QSqlQuery &query)
{
    m_problem = query.lastError().databaseText();
    if (m_problem.isEmpty())
        m_problem = query.lastError().text();
    m_code = query.lastError().nativeErrorCode();
    return false;
}

} // namespace parlor
