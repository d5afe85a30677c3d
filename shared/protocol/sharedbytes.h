// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace parlor {

/// Immutable bytes with a thread-safe reference count, one allocation each. An encoded message is one of
/// these from the engine's ring to the last worker that delivers it.
class SharedBytes
{
public:
    SharedBytes() = default;
    explicit SharedBytes(std::string_view bytes);
    SharedBytes(const SharedBytes &other) noexcept
        : m_block(other.m_block)
    {
        if (m_block)
            m_block->references.fetch_add(1, std::memory_order_relaxed);
    }
    SharedBytes(SharedBytes &&other) noexcept
        : m_block(std::exchange(other.m_block, nullptr))
    {
    }
    SharedBytes &operator=(SharedBytes other) noexcept
    {
        std::swap(m_block, other.m_block);
        return *this;
    }
    ~SharedBytes() { release(); }

    [[nodiscard]] std::string_view view() const
    {
        return m_block ? std::string_view(reinterpret_cast<const char *>(m_block + 1), m_block->size)
                       : std::string_view();
    }
    [[nodiscard]] std::size_t size() const { return m_block ? m_block->size : 0; }

private:
    struct Block
    {
        std::atomic<std::uint32_t> references{1};
        std::uint32_t size = 0;
    };
    void release() noexcept;
    Block *m_block = nullptr;
};

} // namespace parlor
