// SPDX-License-Identifier: MIT
// The targets without libFuzzer: each file of a folder is an input.
#include "tests/fuzz/target.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace {

/// As libFuzzer gives it: a sanitizer sees a read behind its end.
void run(const parlor::fuzz::Target &target, const std::string &bytes)
{
    const std::unique_ptr<char[]> copy(new char[bytes.size()]);
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    target.run({copy.get(), bytes.size()});
}

} // namespace

int main(int argc, char **argv)
{
    using parlor::fuzz::Target;
    const Target *target = Target::first();
    while (target && argc > 1 && target->name() != argv[1])
        target = target->next();
    if (argc != 3 || !target) {
        std::fprintf(stderr, "Usage: %s TARGET FOLDER|FILE\nTargets:\n", argv[0]);
        for (const Target *each = Target::first(); each; each = each->next())
            std::fprintf(stderr, "  %.*s\n", static_cast<int>(each->name().size()), each->name().data());
        return 2;
    }
    std::size_t inputs = 0;
    const auto runFile = [&](const std::filesystem::path &path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot read %s\n", path.c_str());
            std::exit(1);
        }
        std::fprintf(stderr, "%s\n", path.c_str()); // the last one is the one that breaks a promise
        run(*target, std::string(std::istreambuf_iterator<char>(file), {}));
        ++inputs;
    };
    if (!std::filesystem::is_directory(argv[2])) {
        runFile(argv[2]);
    } else {
        for (const auto &each : std::filesystem::directory_iterator(argv[2]))
            runFile(each.path());
    }
    if (inputs == 0) {
        std::fprintf(stderr, "%s holds no input\n", argv[2]);
        return 1;
    }
    return 0;
}
