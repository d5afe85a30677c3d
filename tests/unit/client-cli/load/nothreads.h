// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>

namespace parlor::cli::load::test {

/// The system gives this process no thread while it lives: each would have a stack larger than its memory.
class NoThreads
{
public:
    NoThreads()
    {
        pthread_attr_t attributes;
        ::pthread_getattr_default_np(&m_before);
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, std::size_t{1} << 50);
        ::pthread_setattr_default_np(&attributes);
        ::pthread_attr_destroy(&attributes);
    }
    ~NoThreads()
    {
        ::pthread_setattr_default_np(&m_before);
        ::pthread_attr_destroy(&m_before);
    }
    NoThreads(const NoThreads &) = delete;
    NoThreads &operator=(const NoThreads &) = delete;

private:
    pthread_attr_t m_before{};
};

} // namespace parlor::cli::load::test
