// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>

namespace parlor::cli::load {

/// Tells all threads of a process that a run is to end. Raised by the thread that controls the run; each of
/// the others watches descriptor(), edge-triggered, and asks level(). It outlives them.
class StopSignal
{
public:
    enum class Level : std::uint8_t {
        None,
        PlanEnds, ///< nobody comes or speaks any more; those who are there wait for what they are owed
        AtOnce,   ///< nobody waits
    };

    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal &) = delete;
    StopSignal &operator=(const StopSignal &) = delete;

    /// False: the system gave no descriptor; errno said why.
    [[nodiscard]] bool isValid() const { return m_descriptor >= 0; }
    /// It never falls.
    void raise(Level level);

    /// Readable from the first raise() on; each raise() is an edge for all epoll sets that it is in.
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] Level level() const { return m_level.load(std::memory_order_acquire); }

private:
    int m_descriptor = -1;
    std::atomic<Level> m_level = Level::None;
};

} // namespace parlor::cli::load
