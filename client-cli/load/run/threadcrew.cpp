// SPDX-License-Identifier: MIT
#include "client-cli/load/run/threadcrew.h"

#include "client-cli/load/run/sharerun.h"

#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <system_error>

namespace parlor::cli::load {

ThreadCrew::~ThreadCrew()
{
    m_stop.raise(StopSignal::Level::AtOnce);
    for (std::thread &thread : m_threads)
        thread.join();
}

Result<void> ThreadCrew::start(std::vector<Part> parts)
{
    if (!m_stop.isValid() || !m_queue.isValid())
        return Error{ErrorCode::Internal, std::string("cannot make threads hear of each other (eventfd): ") +
                                              std::strerror(errno)};
    m_parts = std::move(parts);
    for (const Part &part : m_parts) {
        try { // std::thread reports by an exception
            m_threads.emplace_back([this, &part] {
                const std::string name = "load " + std::to_string(part.number + 1);
                ::pthread_setname_np(::pthread_self(), name.c_str());
                ShareRun run(m_basis, part.share, part.number, m_stop, m_queue);
                run.execute();
            });
        } catch (const std::system_error &error) {
            return Error{ErrorCode::Internal, "cannot start thread " + std::to_string(m_threads.size() + 1) +
                                                  " of " + std::to_string(m_parts.size()) + ": " +
                                                  error.code().message() + "; ask for fewer --threads"};
        }
    }
    return {};
}

} // namespace parlor::cli::load
