// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/sink/lane.h"
#include "client-cli/sink/sinkoptions.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace parlor::cli::sink {

/// The faults, one after the other, as lines of JSON in a file.
class FaultLog
{
public:
    FaultLog() = default;

    /// What is in the file already is gone.
    [[nodiscard]] Result<void> open(const std::string &path);
    /// `at`: since the sink began. Nothing happens without a file.
    void add(std::chrono::microseconds at, std::string_view room, std::uint32_t receiver,
             const Committed &committed);
    void add(std::chrono::microseconds at, const Stall &stall);
    /// The error: not all of it could be written.
    [[nodiscard]] Result<void> close();

private:
    struct Closer
    {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };

    std::unique_ptr<std::FILE, Closer> m_file;
    std::string m_path;
};

} // namespace parlor::cli::sink
