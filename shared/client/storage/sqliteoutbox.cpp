// SPDX-License-Identifier: MIT
#include "shared/client/storage/sqliteoutbox.h"

#include <array>

namespace parlor {

namespace {

/// In the order of OutboxState; the names stay as they are, whatever becomes of the enum.
constexpr std::array<QLatin1String, 5> kStates{QLatin1String("queued"), QLatin1String("in_flight"),
                                               QLatin1String("unconfirmed"), QLatin1String("undecided"),
                                               QLatin1String("failed")};

QString nameOf(OutboxState state)
{
    return kStates.at(static_cast<std::size_t>(state));
}

/// What was in flight when the last run ended is unconfirmed, and so is what waited to be sent again, and a
/// state that nobody knows.
OutboxState stateFrom(const QString &name, const QString &sentBy)
{
    if (name == nameOf(OutboxState::Queued) && !sentBy.isEmpty())
        return OutboxState::Unconfirmed;
    for (const auto each : {OutboxState::Queued, OutboxState::NeedsDecision, OutboxState::Failed}) {
        if (name == nameOf(each))
            return each;
    }
    return OutboxState::Unconfirmed;
}

} // namespace

SqliteOutbox::SqliteOutbox(Database &database, SqliteAccounts &accounts, std::function<void()> failed)
    : m_database(database)
    , m_accounts(accounts)
    , m_failed(std::move(failed))
{
}

void SqliteOutbox::close()
{
    (void)writeAgain();
    for (const OutboxEntry &each : m_entries.entries())
        m_entries.remove(each.cid);
    m_account = 0;
    m_isWritten = true;
}

void SqliteOutbox::open()
{
    m_account = m_accounts.id();
    if (load())
        return;
    // Nothing may be written over what was not read: the next change reads it first.
    m_account = 0;
    m_isWritten = false;
    m_failed();
}

/// All of it or nothing.
bool SqliteOutbox::load()
{
    QList<OutboxEntry> found;
    const bool isRead = m_database.read(
        QStringLiteral("SELECT cid, room, text, composed, sent_by, state, problem FROM outbox"
                       " WHERE account = ? ORDER BY place"),
        {m_account}, [&found](const QSqlQuery &row) {
            const OutboxState state = stateFrom(row.value(5).toString(), row.value(4).toString());
            // Why it waited is as old as the program that wrote it.
            const QString problem = isUnderWay(state) ? QString() : row.value(6).toString();
            found.append(OutboxEntry{.cid = row.value(0).toString(),
                                     .room = row.value(1).toString(),
                                     .text = row.value(2).toString(),
                                     .composedAt = std::chrono::milliseconds(row.value(3).toLongLong()),
                                     .sentBy = row.value(4).toString(),
                                     .state = state,
                                     .problem = problem});
        });
    if (!isRead)
        return false;
    for (const OutboxEntry &each : found)
        m_entries.append(each);
    return true;
}

/// Whether there is a row to write to. Where there was none when the account came into use, or it could not
/// be read, what the file has of it after all comes before what was written since.
bool SqliteOutbox::hasAccount()
{
    if (m_account != 0)
        return true;
    if (!m_accounts.ensure())
        return false;
    m_account = m_accounts.id();
    const auto written = m_entries.entries();
    for (const OutboxEntry &each : written)
        m_entries.remove(each.cid);
    const bool isLoaded = load();
    for (const OutboxEntry &each : written)
        m_entries.append(each);
    if (!isLoaded)
        m_account = 0;
    return isLoaded;
}

bool SqliteOutbox::writeAgain()
{
    if (!m_isWritten)
        write([] { return true; });
    return m_isWritten;
}

void SqliteOutbox::append(const OutboxEntry &entry)
{
    m_entries.append(entry);
    write([this, &entry] { return insert(entry); });
}

void SqliteOutbox::update(const OutboxEntry &entry)
{
    m_entries.update(entry);
    write([this, &entry] {
        return m_database.run(
            QStringLiteral("UPDATE outbox SET room = ?, text = ?, composed = ?, sent_by = ?, state = ?,"
                           " problem = ? WHERE cid = ? AND account = ?"),
            {entry.room, entry.text, qint64(entry.composedAt.count()), entry.sentBy, nameOf(entry.state),
             entry.problem, entry.cid, m_account});
    });
}

void SqliteOutbox::remove(const QString &cid)
{
    m_entries.remove(cid);
    write([this, &cid] {
        return m_database.run(QStringLiteral("DELETE FROM outbox WHERE cid = ? AND account = ?"),
                              {cid, m_account});
    });
}

bool SqliteOutbox::insert(const OutboxEntry &entry)
{
    return m_database.run(
        QStringLiteral("INSERT INTO outbox (account, cid, room, text, composed, sent_by, state, problem)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
        {m_account, entry.cid, entry.room, entry.text, qint64(entry.composedAt.count()), entry.sentBy,
         nameOf(entry.state), entry.problem});
}

bool SqliteOutbox::writeAll()
{
    if (!m_database.run(QStringLiteral("DELETE FROM outbox WHERE account = ?"), {m_account}))
        return false;
    const auto all = m_entries.entries();
    return std::all_of(all.begin(), all.end(), [this](const OutboxEntry &each) { return insert(each); });
}

void SqliteOutbox::write(const std::function<bool()> &change)
{
    const bool wasWritten = m_isWritten;
    if (wasWritten && m_account != 0)
        m_isWritten = change();
    else
        m_isWritten = hasAccount() && m_database.transaction([this] { return writeAll(); });
    if (wasWritten && !m_isWritten)
        m_failed();
}

} // namespace parlor
