// SPDX-License-Identifier: MIT
#pragma once

#include "server/engine/sqlite/store.h"
#include "server/engine/storedengine.h"
#include "tests/unit/server/engine/engineprobe.h"

#include <QObject>
#include <QTemporaryDir>

#include <sys/resource.h>

namespace parlor {

/// Keeps the files of this process from growing past a size, as a full disk does.
class FullDisk
{
public:
    explicit FullDisk(rlim_t bytes = 0);
    ~FullDisk();
    FullDisk(const FullDisk &) = delete;
    FullDisk &operator=(const FullDisk &) = delete;

private:
    rlimit m_before{};
};

/// Another process' hold on the store: commits wait, as they do for a slow disk.
class SlowDisk
{
public:
    explicit SlowDisk(const std::string &path);

private:
    sqlite::Database m_database;
};

[[nodiscard]] std::string epochOf(const std::string &path);

/// A test with a folder for a store, and engines that use it one after the other.
class SqliteCase : public QObject
{
    Q_OBJECT
protected Q_SLOTS:
    void init();

protected:
    [[nodiscard]] std::unique_ptr<StoredEngine> open();
    /// Why open() would fail; empty: it would not.
    [[nodiscard]] std::string whyNot();
    [[nodiscard]] std::string path(const char *name) const
    {
        return m_folder->filePath(QString::fromLatin1(name)).toStdString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    sqlite::Store::Config m_config; ///< of the store that open() opens
    StoredEngine::Config m_engineConfig;
    std::atomic<std::chrono::milliseconds> m_now{std::chrono::milliseconds(1'700'000'000'000)};
};

} // namespace parlor
