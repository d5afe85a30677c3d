// SPDX-License-Identifier: MIT
#include "shared/client/storage/sqlitestore.h"

#include "shared/client/fromwire.h"

#include <QDir>

#include <algorithm>
#include <utility>

namespace parlor {

namespace {

/// As the column `missing` has it.
QVariant toColumn(const std::optional<MissingMessages> &missing)
{
    if (!missing)
        return {};
    return missing->reason ? fromwire::text(toString(*missing->reason)) : QStringLiteral("");
}

std::optional<MissingMessages> missingFrom(const QVariant &column)
{
    if (column.isNull())
        return std::nullopt;
    const QString name = column.toString();
    if (name.isEmpty())
        return std::optional<MissingMessages>(std::in_place);
    using enum frame::SyncReason;
    for (const auto each : {TooOld, Epoch, Ahead, TooMany, Diverged}) {
        if (name == fromwire::text(toString(each)))
            return MissingMessages{each};
    }
    return MissingMessages{Unknown};
}

} // namespace

SqliteStore::SqliteStore(std::unique_ptr<Database> database, const Clock &clock, QObject *parent)
    : ClientStore(parent)
    , m_database(std::move(database))
    , m_clock(clock)
    , m_accounts(*m_database, clock)
    , m_outbox(*m_database, m_accounts, [this] { sayFailed(); })
{
}

SqliteStore::~SqliteStore() = default;

bool SqliteStore::use(const Account &account)
{
    const qint64 before = m_accounts.id();
    m_outbox.close();
    check(m_accounts.use(account));
    m_outbox.open();
    return m_accounts.id() == 0 || m_accounts.id() != before;
}

void SqliteStore::rename(const QString &identity)
{
    check(m_accounts.rename(identity));
}

bool SqliteStore::keepSession(const KeptSession &session)
{
    return check(m_accounts.keepSession(session));
}

bool SqliteStore::keepRoom(const QString &name, const KeptRoom &news, Continuity continuity)
{
    if (!news.position)
        return true;
    const bool isKept = check(m_accounts.ensure() && m_database->transaction([&, this] {
        if (continuity == Continuity::StartsAnew &&
            !m_database->run(QStringLiteral("DELETE FROM message WHERE account = ? AND room = ?"),
                             {m_accounts.id(), name}))
            return false;
        if (!m_database->run(
                QStringLiteral("INSERT INTO room (account, name, epoch, seq, id, used, missing)"
                               " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, name) DO UPDATE SET"
                               " epoch = excluded.epoch, seq = excluded.seq, id = excluded.id,"
                               " used = excluded.used, missing = excluded.missing"),
                {m_accounts.id(), name, news.position->epoch, news.position->seq, news.position->id, now(),
                 toColumn(news.missingNext)}))
            return false;
        for (const KeptMessage &each : news.messages) {
            if (!add(name, each))
                return false;
        }
        return std::ranges::all_of(news.deleted,
                                   [this](const MessageDeletion &each) { return blank(each); }) &&
               trim(name);
    }));
    // The log still has the pages as they were. If that fails the next checkpoint sees to it.
    if (isKept && !news.deleted.isEmpty())
        (void)m_database->run(QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"));
    return isKept;
}

/// For all who use this server: the others may not hear of it for long.
bool SqliteStore::blank(const MessageDeletion &deletion)
{
    return m_database->run(
        QStringLiteral("UPDATE message SET text = '', deleted_by = ?, deleted_by_user = ?, deleted_at = ?"
                       " WHERE room = ? AND id = ? AND account IN (SELECT id FROM account"
                       "  WHERE server = (SELECT server FROM account WHERE id = ?))"),
        {deletion.by.username, deletion.by.user, deletion.by.timestamp, deletion.room, deletion.id,
         m_accounts.id()});
}

bool SqliteStore::add(const QString &room, const KeptMessage &kept)
{
    const ChatMessage &message = kept.message;
    const auto column = [&message](QString DeletedBy::*field) {
        return message.deletedBy ? QVariant((*message.deletedBy).*field) : QVariant();
    };
    return m_database->run(
        QStringLiteral(
            "INSERT INTO message (account, room, seq, id, cid, sender, user, username, text, timestamp,"
            " missing, own, deleted_by, deleted_by_user, deleted_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account, room, id) DO NOTHING"),
        {m_accounts.id(), room, message.seq, message.id, message.cid, message.sender, message.user,
         message.username, message.text, message.timestamp, toColumn(kept.missingAbove), kept.own,
         column(&DeletedBy::username), column(&DeletedBy::user), column(&DeletedBy::timestamp)});
}

bool SqliteStore::trim(const QString &room)
{
    return m_database->run(QStringLiteral("DELETE FROM message WHERE account = ? AND room = ? AND place <="
                                          " (SELECT place FROM message WHERE account = ? AND room = ?"
                                          "  ORDER BY place DESC LIMIT 1 OFFSET ?)"),
                           {m_accounts.id(), room, m_accounts.id(), room, kMessagesPerRoom}) &&
           m_database->run(
               QStringLiteral("DELETE FROM message WHERE place IN (SELECT place FROM"
                              " (SELECT place, sum(length(CAST(text AS BLOB))) OVER (ORDER BY place DESC)"
                              "  AS bytes FROM message WHERE account = ? AND room = ?) WHERE bytes > ?)"),
               {m_accounts.id(), room, kTextBytesPerRoom}) &&
           m_database->run(QStringLiteral("DELETE FROM room WHERE account = ? AND name NOT IN"
                                          " (SELECT name FROM room WHERE account = ?"
                                          "  ORDER BY used DESC LIMIT ?)"),
                           {m_accounts.id(), m_accounts.id(), kRoomsPerAccount});
}

bool SqliteStore::keepRead(const QString &name, quint64 seq)
{
    qint64 rooms = 0;
    const bool isWritten =
        check(m_accounts.ensure() &&
              m_database->run(QStringLiteral("UPDATE room SET read = ? WHERE account = ? AND name = ?"),
                              {seq, m_accounts.id(), name}) &&
              m_database->read(QStringLiteral("SELECT changes()"), {},
                               [&rooms](const QSqlQuery &row) { rooms = row.value(0).toLongLong(); }));
    return isWritten && rooms > 0;
}

void SqliteStore::forgetRoom(const QString &name)
{
    check(m_database->run(QStringLiteral("DELETE FROM room WHERE account = ? AND name = ?"),
                          {m_accounts.id(), name}));
}

Result<bool> SqliteStore::adopt(Database &orphan)
{
    struct Unsent
    {
        Account account;
        QString asked;
        QVariantList columns; ///< the first one is the cid
    };
    QList<Unsent> all;
    const bool isRead = orphan.read(
        QStringLiteral("SELECT server, identity, asked, cid, room, text, composed, sent_by, state, problem,"
                       " CASE WHEN user <> client THEN user ELSE '' END"
                       " FROM outbox JOIN account ON account.id = outbox.account ORDER BY place"),
        {}, [&all](const QSqlQuery &row) {
            Unsent unsent{{row.value(0).toString(), row.value(1).toString(), row.value(10).toString()},
                          row.value(2).toString(),
                          {}};
            for (int i = 3; i <= 9; ++i)
                unsent.columns.append(row.value(i));
            all.append(unsent);
        });
    if (!isRead)
        return Error{ErrorCode::Internal, orphan.problem().toStdString()};
    if (all.isEmpty())
        return true;
    QVariantList added; // cids
    const auto add = [this, &all, &added] {
        for (const Unsent &each : all) {
            const auto account = m_accounts.findOrMake(each.account, each.asked);
            if (!account ||
                !m_database->run(QStringLiteral("INSERT OR IGNORE INTO outbox (account, cid, room,"
                                                " text, composed, sent_by, state, problem)"
                                                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
                                 QVariantList{*account} + each.columns) ||
                !m_database->read(QStringLiteral("SELECT changes()"), {}, [&](const QSqlQuery &row) {
                    if (row.value(0).toInt() > 0)
                        added.append(each.columns.first());
                }))
                return false;
        }
        return true;
    };
    // Ours is committed while the other one's is still open: it must not be in both, or the next start takes
    // it over again when it was sent long since. Should we die between the two commits: the cid makes one
    // message of both.
    bool isDeleted = false;
    bool isAdded = false;
    const bool isMoved = orphan.transaction([&, this] {
        isDeleted = orphan.run(QStringLiteral("DELETE FROM outbox"));
        isAdded = isDeleted && m_database->transaction(add);
        return isAdded;
    });
    if (isMoved)
        return true;
    if (isDeleted && !isAdded)
        return Error{ErrorCode::Internal, m_database->problem().toStdString()};
    const Error why{ErrorCode::Internal, orphan.problem().toStdString()};
    if (!isAdded)
        return why;
    const bool isUndone = m_database->transaction([this, &added] {
        return std::ranges::all_of(std::as_const(added), [this](const QVariant &cid) {
            return m_database->run(QStringLiteral("DELETE FROM outbox WHERE cid = ?"), {cid});
        });
    });
    if (isUndone)
        return why;
    return Error{why.code, tr("%1; it is here now, but may come a second time")
                               .arg(QString::fromStdString(why.text))
                               .toStdString()};
}

KeptRoom SqliteStore::room(const QString &name) const
{
    KeptRoom room;
    (void)m_database->read(
        QStringLiteral("SELECT epoch, seq, id, missing, read FROM room WHERE account = ? AND name = ?"),
        {m_accounts.id(), name}, [&room](const QSqlQuery &row) {
            room.position =
                RoomPosition{row.value(0).toString(), row.value(1).toULongLong(), row.value(2).toString()};
            room.missingNext = missingFrom(row.value(3));
            if (!row.value(4).isNull())
                room.read = row.value(4).toULongLong();
        });
    (void)m_database->read(
        QStringLiteral("SELECT seq, id, cid, sender, user, username, text, timestamp, missing, own,"
                       " deleted_by, deleted_by_user, deleted_at FROM message WHERE account = ? AND room = ? "
                       "ORDER BY place"),
        {m_accounts.id(), name}, [&room, &name](const QSqlQuery &row) {
            const auto text = [&row](int column) { return row.value(column).toString(); };
            KeptMessage &kept = room.messages.emplaceBack();
            kept.message = {.room = name,
                            .seq = row.value(0).toULongLong(),
                            .id = text(1),
                            .cid = text(2),
                            .sender = text(3),
                            .user = text(4),
                            .username = text(5),
                            .text = text(6),
                            .timestamp = text(7)};
            kept.missingAbove = missingFrom(row.value(8));
            kept.own = row.value(9).toBool();
            if (!row.value(10).isNull())
                kept.message.deletedBy = DeletedBy{text(11), text(10), text(12)};
        });
    return room;
}

bool SqliteStore::check(bool succeeded)
{
    if (succeeded)
        m_isFailing = false;
    else
        sayFailed();
    return succeeded;
}

void SqliteStore::sayFailed()
{
    if (std::exchange(m_isFailing, true))
        return;
    Q_EMIT failed(
        tr("Cannot keep anything in %1: %2. Until that is mended, what is not sent yet is lost when "
           "the program ends.")
            .arg(QDir::toNativeSeparators(m_database->path()), m_database->problem()));
}

} // namespace parlor
