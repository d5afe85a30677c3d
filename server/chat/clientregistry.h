// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/ulid.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace parlor {

/// The client ids of all who are connected, on whatever worker. Thread-safe; used when one comes, takes
/// another id, or goes.
class ClientRegistry
{
public:
    /// Where an id is kept; the owner's until it calls remove().
    using Place = std::uint32_t;

    [[nodiscard]] Place add(const Ulid &id);
    void replace(Place place, const Ulid &id);
    void remove(Place place);
    [[nodiscard]] Ulid at(Place place) const;
    [[nodiscard]] std::vector<std::string> ids(std::size_t limit) const;

private:
    mutable std::mutex m_mutex;
    std::deque<Ulid> m_ids; ///< null: a free place
    std::vector<Place> m_free;
};

} // namespace parlor
