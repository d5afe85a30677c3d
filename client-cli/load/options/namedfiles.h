// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <string>
#include <vector>

namespace parlor::cli::load {

/// A file that the command line names.
struct NamedFile
{
    std::string flag;
    std::string path; ///< empty: it names none
};

/// Refuses outputs that would overwrite a file that is read, or each other, however they are spelled. Devices
/// and pipes may be shared.
[[nodiscard]] Result<void> checkOutputs(const std::vector<NamedFile> &inputs,
                                        const std::vector<NamedFile> &outputs);

} // namespace parlor::cli::load
