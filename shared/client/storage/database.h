// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariantList>

#include <functional>
#include <memory>

namespace parlor {

/// An SQLite file that only this process may read and write for as long as the object lives; the system lets
/// go of it when the process dies. Readable by its owner only. A state file of an earlier version becomes one
/// of this version; what is none, or of a newer one, is refused and left as it is. One thread.
class Database
{
public:
    /// `unavailable`: another process has it; `internal`: it cannot be used, and the text says why.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const QString &path);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// One statement. False: it failed, see problem().
    [[nodiscard]] bool run(const QString &sql, const QVariantList &values = {});
    /// Calls `row` for each row of the answer.
    [[nodiscard]] bool read(const QString &sql, const QVariantList &values,
                            const std::function<void(const QSqlQuery &)> &row);
    /// All that `body` does, or nothing: it returns whether it succeeded. On the disk when this returns true,
    /// as far as the end of the process goes.
    [[nodiscard]] bool transaction(const std::function<bool()> &body);

    [[nodiscard]] const QString &path() const { return m_path; }
    /// What went wrong last, in SQLite's words.
    [[nodiscard]] const QString &problem() const { return m_problem; }

private:
    explicit Database(const QString &path);
    [[nodiscard]] Result<bool> prepare();
    [[nodiscard]] Result<bool> checkKind();
    [[nodiscard]] Result<bool> runAll(const QStringList &statements);
    [[nodiscard]] Error failure() const;
    [[nodiscard]] qint64 number(const QString &sql);
    bool note(const QSqlQuery &query);

    QString m_path;
    QString m_connection; ///< its name among Qt's
    QSqlDatabase m_database;
    QString m_problem;
    QString m_code; ///< SQLite's number for the problem
};

} // namespace parlor
