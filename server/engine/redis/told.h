// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/storefigures.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace parlor::redis {

/// What the store's thread tells any thread.
struct Told
{
    std::mutex mutex{}; ///< of what follows, `waiting` excepted
    std::string epoch{};
    StoreFigures figures{};
    std::atomic<std::size_t> waiting{0}; ///< posts without an outcome

    void count(std::uint64_t StoreFigures::*figure, std::uint64_t by = 1)
    {
        const std::lock_guard lock(mutex);
        figures.*figure += by;
    }
};

} // namespace parlor::redis
