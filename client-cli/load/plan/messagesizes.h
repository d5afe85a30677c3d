// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/plan/random.h"
#include "client-cli/load/plan/settings.h"

namespace parlor::cli::load {

/// How long one user's messages are, one after the other. The same seed and user have the same sizes in every
/// run, whatever the others do. Pure.
class MessageSizes
{
public:
    MessageSizes(SizeRange range, std::uint64_t seed, std::uint32_t user)
        : m_range(range)
        , m_random(~seed, user) // another stream than that of its times
    {
    }

    [[nodiscard]] std::size_t next() { return m_random.between(m_range.least, m_range.most); }

private:
    SizeRange m_range;
    Random m_random;
};

} // namespace parlor::cli::load
