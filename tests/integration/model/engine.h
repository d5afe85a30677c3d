// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/storage.h"

#include <memory>
#include <span>

namespace parlor::test::model {

/// A kind of store that the model runs on.
struct Engine
{
    const char *name;
    /// Whether it promises `durable`: then nothing of it may be lost by the server's death. Otherwise each
    /// start begins anew, and only the sessions go on.
    bool isDurable;
    int servers; ///< that clients move between
    /// What the program does to the storage itself: nothing, what loses nothing, or one loss.
    enum class Faults : std::uint8_t { None, Harmless, Loss } faults;
    int seeds; ///< of a run without a number; one with several processes takes longer
    std::unique_ptr<Storage> (*makeStorage)();
};

[[nodiscard]] std::span<const Engine> engines();

} // namespace parlor::test::model
