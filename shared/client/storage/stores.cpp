// SPDX-License-Identifier: MIT
#include "shared/client/storage/stores.h"

#include "shared/client/memorystore.h"
#include "shared/client/storage/sqlitestore.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace parlor {

namespace {

class StoresText
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

/// A program that could not write leaves an empty one behind.
bool hasContents(const QString &path)
{
    return QFileInfo(path).size() > 0;
}

OpenedStore inMemory(const QString &problem, const QStringList &skipped = {})
{
    const QString text =
        StoresText::tr("%1. Nothing is kept until that is mended and the program started again: what "
                       "is not sent is lost when it ends.")
            .arg(problem);
    return {std::make_unique<MemoryStore>(), text, skipped};
}

QStringList leftAlone(const QStringList &unusable)
{
    QStringList texts;
    for (const QString &each : unusable)
        texts.append(
            StoresText::tr(
                "What was not sent may be in a file that cannot be used, and that is left as it is: %1")
                .arg(each));
    return texts;
}

QStringList leftAlone(const QStringList &unusable, const QString &inUse)
{
    QStringList texts = leftAlone(unusable);
    if (!texts.isEmpty())
        texts.last() +=
            StoresText::tr(". What is written now is kept in %1.").arg(QDir::toNativeSeparators(inUse));
    return texts;
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
    if (QFileInfo(folder).isFile())
        return inMemory(
            StoresText::tr("%1 is a file, and a folder is needed").arg(QDir::toNativeSeparators(folder)));
    if (!QDir().mkpath(folder))
        return inMemory(
            StoresText::tr("Cannot make the folder %1; check the permissions of the one that it is to "
                           "be in")
                .arg(QDir::toNativeSeparators(folder)));
    QStringList unusable;
    for (int own = 1; own <= kMaxStores; ++own) {
        const QString path = pathOf(folder, name, own);
        const QFileInfo file(path);
        const bool isNew = !file.exists() || (file.size() == 0 && file.isWritable());
        auto database = Database::open(path);
        if (!database) {
            const QString why = QString::fromStdString(database.error().text);
            const bool isBusy = database.error().code == ErrorCode::Unavailable;
            if (isNew && !isBusy)
                return inMemory(why, leftAlone(unusable)); // nor could any other be made there
            if (!isBusy)
                unusable.append(why);
            continue;
        }
        auto store = std::make_unique<SqliteStore>(*std::move(database));
        QStringList skipped = leftAlone(unusable, path);
        for (int other = own + 1; other <= kMaxStores; ++other) {
            const QString otherPath = pathOf(folder, name, other);
            if (!hasContents(otherPath))
                continue;
            const auto orphan = Database::open(otherPath);
            if (orphan) {
                if (const auto adopted = store->adopt(**orphan); !adopted)
                    skipped.append(
                        StoresText::tr("What another window left unsent cannot be taken over from %1: %2")
                            .arg(QDir::toNativeSeparators(otherPath),
                                 QString::fromStdString(adopted.error().text)));
            } else if (orphan.error().code != ErrorCode::Unavailable)
                skipped.append(
                    StoresText::tr("What another window left unsent may be in a file that cannot be read: %1")
                        .arg(QString::fromStdString(orphan.error().text)));
        }
        return {std::move(store), {}, skipped};
    }
    if (!unusable.isEmpty())
        return inMemory(unusable.first());
    return inMemory(
        StoresText::tr("All files for it in %1 are in use; end some of the programs that use them")
            .arg(QDir::toNativeSeparators(folder)));
}

} // namespace parlor
