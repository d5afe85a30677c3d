// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/plan.h"
#include "client-cli/load/wire/address.h"

#include <cstddef>
#include <vector>

namespace parlor::cli::load {

/// The addresses of the server, and which of them to avoid for a while: `localhost` is ::1 and 127.0.0.1, but
/// many a server listens on one of them. Users are spread over the others. Pure; one thread.
class AddressBook
{
public:
    /// An address that failed is left alone for so long, unless there is no other.
    static constexpr Offset kAvoid = std::chrono::seconds(10);

    explicit AddressBook(std::vector<Address> addresses)
        : m_entries(addresses.begin(), addresses.end())
    {
    }

    /// The place of an address for this number. There is one at least.
    [[nodiscard]] std::size_t choose(std::size_t number, Offset now) const;
    [[nodiscard]] const Address &at(std::size_t place) const { return m_entries[place].address; }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }

    void noteFailure(std::size_t place, Offset now) { m_entries[place].avoidUntil = now + kAvoid; }
    void noteSuccess(std::size_t place) { m_entries[place].avoidUntil = {}; }

private:
    struct Entry
    {
        Entry(const Address &where) // NOLINT(google-explicit-constructor): from a list of them
            : address(where)
        {
        }
        Address address;
        Offset avoidUntil{};
    };
    std::vector<Entry> m_entries;
};

} // namespace parlor::cli::load
