// SPDX-License-Identifier: MIT
#include "client-cli/load/run/stopsignal.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace parlor::cli::load {

StopSignal::StopSignal()
    : m_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
}

StopSignal::~StopSignal()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void StopSignal::raise(Level level)
{
    if (level <= m_level.load(std::memory_order_relaxed))
        return;
    m_level.store(level, std::memory_order_release);
    ::eventfd_write(m_descriptor, 1); // it cannot be full: there are two raises at most
}

} // namespace parlor::cli::load
