// SPDX-License-Identifier: MIT
#include "tests/unit/server/engine/sqlitecase.h"

#include <csignal>

namespace parlor {

FullDisk::FullDisk(rlim_t bytes)
{
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &m_before);
    const rlimit limit{bytes, m_before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

FullDisk::~FullDisk()
{
    ::setrlimit(RLIMIT_FSIZE, &m_before);
}

SlowDisk::SlowDisk(const std::string &path)
{
    if (m_database.open(path, sqlite::OpenMode::Existing) || m_database.run("BEGIN IMMEDIATE"))
        qFatal("cannot hold %s", path.c_str());
}

std::string epochOf(const std::string &path)
{
    sqlite::Database database;
    sqlite::Statement query;
    if (database.open(path, sqlite::OpenMode::Existing) ||
        query.prepare(database, "SELECT value FROM facts WHERE name = 'epoch'") || !query.step())
        qFatal("cannot read %s", path.c_str());
    return std::string(query.text(0));
}

void SqliteCase::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_config = {};
    m_config.path = path("parlor.db");
    m_engineConfig = {};
}

std::unique_ptr<StoredEngine> SqliteCase::open()
{
    const auto clock = [this] { return m_now.load(); };
    auto store = sqlite::Store::open(m_config, clock);
    if (!store)
        qFatal("%s", store.error().text.c_str());
    auto engine = std::make_unique<StoredEngine>(std::move(store).value(), m_engineConfig, clock);
    engine->waitUntilIdle();
    return engine;
}

std::string SqliteCase::whyNot()
{
    const auto store = sqlite::Store::open(m_config, [this] { return m_now.load(); });
    return store ? std::string() : store.error().text;
}

} // namespace parlor
