// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/metrics.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace parlor {

/// Frames, as they go out, for all members of a room that speak one dialect: append-only until it is sealed,
/// then unchanged. Nobody copies them for a member. Counted references, one thread (its worker's).
class Batch
{
public:
    /// `queueBytes` counts these bytes, once, while anybody's queue holds them; it must outlive the batch.
    explicit Batch(Counter &queueBytes)
        : m_queueBytes(queueBytes)
    {
    }

    /// A whole text frame with this payload.
    void appendText(std::string_view payload);

    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    [[nodiscard]] std::string_view view(std::size_t begin, std::size_t end) const
    {
        return std::string_view(m_bytes).substr(begin, end - begin);
    }

    /// A queue holds part of it, until release().
    void hold()
    {
        if (m_holds++ == 0)
            m_queueBytes.add(m_bytes.size());
    }
    void release()
    {
        if (--m_holds == 0)
            m_queueBytes.subtract(m_bytes.size());
    }

private:
    friend class BatchRef;
    Counter &m_queueBytes;
    std::string m_bytes;
    std::uint32_t m_references = 0;
    std::uint32_t m_holds = 0;
};

/// Shares a Batch. May be empty.
class BatchRef
{
public:
    BatchRef() = default;
    explicit BatchRef(Batch *batch)
        : m_batch(batch)
    {
        acquire();
    }
    BatchRef(const BatchRef &other)
        : m_batch(other.m_batch)
    {
        acquire();
    }
    BatchRef(BatchRef &&other) noexcept
        : m_batch(std::exchange(other.m_batch, nullptr))
    {
    }
    BatchRef &operator=(BatchRef other) noexcept
    {
        std::swap(m_batch, other.m_batch);
        return *this;
    }
    ~BatchRef()
    {
        if (m_batch && --m_batch->m_references == 0)
            delete m_batch;
    }
    [[nodiscard]] static BatchRef make(Counter &queueBytes) { return BatchRef(new Batch(queueBytes)); }

    explicit operator bool() const { return m_batch != nullptr; }
    Batch *operator->() const { return m_batch; }
    bool operator==(const BatchRef &other) const = default;

private:
    void acquire()
    {
        if (m_batch)
            ++m_batch->m_references;
    }
    Batch *m_batch = nullptr;
};

/// Whole frames of a batch.
struct Slice
{
    BatchRef batch;
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    /// Valid until the batch grows.
    [[nodiscard]] std::string_view view() const { return batch->view(begin, end); }
};

} // namespace parlor
