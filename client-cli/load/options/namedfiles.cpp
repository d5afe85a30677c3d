// SPDX-License-Identifier: MIT
#include "client-cli/load/options/namedfiles.h"

#include "client-cli/load/runfile/resultfile.h"

#include <filesystem>

namespace parlor::cli::load {

namespace {

namespace fs = std::filesystem;

/// What a link leads to, there or not.
fs::path followed(fs::path path)
{
    constexpr int kMostLinks = 40; // as the system
    std::error_code error;
    for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i)
        path = path.parent_path() / fs::read_symlink(path, error);
    return path;
}

bool isOneFile(const std::string &one, const std::string &other)
{
    std::error_code error;
    if (one == other || fs::equivalent(one, other, error))
        return true;
    // Of a file that is not there yet, its folder tells.
    const auto whole = [&error](const std::string &path) {
        const fs::path absolute = followed(fs::absolute(path, error));
        const fs::path canonical = fs::weakly_canonical(absolute, error);
        return error ? absolute : canonical;
    };
    return whole(one) == whole(other);
}

} // namespace

Result<void> checkOutputs(const std::vector<NamedFile> &inputs, const std::vector<NamedFile> &outputs)
{
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const NamedFile &output = outputs[i];
        if (output.path.empty() || ResultFile::isWrittenInPlace(output.path))
            continue;
        for (const NamedFile &input : inputs) {
            if (!input.path.empty() && isOneFile(input.path, output.path))
                return Error{.text = output.flag + ": " + output.path + " would overwrite the file of " +
                                     input.flag + "; name another one"};
        }
        for (std::size_t other = 0; other < i; ++other) {
            if (isOneFile(outputs[other].path, output.path))
                return Error{.text = output.flag + ": " + output.path + " is the file of " +
                                     outputs[other].flag + ", too; name another one"};
        }
    }
    return {};
}

} // namespace parlor::cli::load
