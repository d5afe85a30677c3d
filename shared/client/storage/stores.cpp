// SPDX-License-Identifier: MIT
#include "shared/client/storage/stores.h"

#include "shared/client/memorystore.h"
#include "shared/client/storage/sqlitestore.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>

namespace parlor {

namespace {

class Text
{
    Q_DECLARE_TR_FUNCTIONS(parlor::ClientStore)
};

/// Programs of one kind that a person runs at once.
constexpr int kMaxStores = 8;

QString pathOf(const QString &folder, const QString &name, int number)
{
    const QString file = number == 1 ? name : QStringLiteral("%1-%2").arg(name).arg(number);
    return QDir(folder).filePath(file + QStringLiteral(".db"));
}

OpenedStore inMemory(const QString &problem)
{
    return {std::make_unique<MemoryStore>(),
            Text::tr("%1. Until then nothing is kept: what is not sent yet is lost when the program ends.")
                .arg(problem),
            {}};
}

} // namespace

QString stateFolder()
{
    QString home = qEnvironmentVariable("XDG_STATE_HOME");
    if (!QDir::isAbsolutePath(home)) // as the XDG specification has it
        home = QDir::homePath() + QStringLiteral("/.local/state");
    return home + QStringLiteral("/parlor");
}

Result<std::unique_ptr<ClientStore>> openStore(const QString &path)
{
    auto database = Database::open(path);
    if (!database)
        return database.error();
    return std::unique_ptr<ClientStore>(std::make_unique<SqliteStore>(*std::move(database)));
}

OpenedStore openFreeStore(const QString &folder, const QString &name)
{
    if (!QDir().mkpath(folder))
        return inMemory(Text::tr("Cannot make the folder %1; check the permissions of the one that it is to "
                                 "be in")
                            .arg(QDir::toNativeSeparators(folder)));
    QStringList unusable;
    for (int own = 1; own <= kMaxStores; ++own) {
        auto database = Database::open(pathOf(folder, name, own));
        if (!database) {
            if (database.error().code != ErrorCode::Unavailable)
                unusable.append(QString::fromStdString(database.error().text));
            continue;
        }
        auto store = std::make_unique<SqliteStore>(*std::move(database));
        QStringList skipped;
        for (const QString &each : unusable)
            skipped.append(Text::tr("A file is left as it is, and the next one is used: %1").arg(each));
        for (int other = own + 1; other <= kMaxStores; ++other) {
            const QString path = pathOf(folder, name, other);
            if (!QFile::exists(path))
                continue;
            const auto orphan = Database::open(path);
            if (orphan)
                (void)store->adopt(**orphan);
            else if (orphan.error().code != ErrorCode::Unavailable)
                skipped.append(
                    Text::tr("What another window left unsent may be in a file that cannot be read: %1")
                        .arg(QString::fromStdString(orphan.error().text)));
        }
        return {std::move(store), {}, skipped};
    }
    if (!unusable.isEmpty())
        return inMemory(unusable.first());
    return inMemory(Text::tr("All files for it in %1 are in use; end some of the programs that use them")
                        .arg(QDir::toNativeSeparators(folder)));
}

} // namespace parlor
