// SPDX-License-Identifier: MIT
#include "tests/integration/model/engine.h"

#include "tests/integration/model/filestorage.h"
#include "tests/integration/model/redisstorage.h"

#include <array>

namespace parlor::test::model {

namespace {

std::unique_ptr<Storage> makeMemory()
{
    return std::make_unique<FileStorage>(FileStorage::Kind::Memory);
}

std::unique_ptr<Storage> makeSqlite()
{
    return std::make_unique<FileStorage>(FileStorage::Kind::Sqlite);
}

constexpr int kTogether = 2;

template <int servers>
std::unique_ptr<Storage> makeRedis()
{
    return std::make_unique<RedisStorage>(servers);
}

} // namespace

std::span<const Engine> engines()
{
    using enum Engine::Faults;
    // Nothing to be destroyed at the end, beside threads that have read it.
    static constexpr std::array all{
        Engine{"memory", false, 1, None, 50, makeMemory},
        Engine{"sqlite", true, 1, None, 50, makeSqlite},
        Engine{"redis", true, 1, Harmless, 25, makeRedis<1>},
        Engine{"cluster", true, kTogether, Harmless, 25, makeRedis<kTogether>},
        Engine{"cluster_loss", true, kTogether, Loss, 25, makeRedis<kTogether>},
    };
    return all;
}

} // namespace parlor::test::model
