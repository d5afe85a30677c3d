// SPDX-License-Identifier: MIT
#include "server/ops/statefolder.h"

#include "server/ops/shellword.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace parlor {

namespace {

std::string variable(const char *name)
{
    const char *const value = std::getenv(name);
    return value ? value : "";
}

} // namespace

std::optional<std::string> stateFolder()
{
    if (const std::string state = variable("STATE_DIRECTORY"); !state.empty())
        return state.substr(0, state.find(':'));
    if (const std::string state = variable("XDG_STATE_HOME"); state.starts_with('/'))
        return state + "/parlor";
    if (const std::string home = variable("HOME"); home.starts_with('/'))
        return home + "/.local/state/parlor";
    return std::nullopt;
}

Result<void> makeFolder(const std::string &path)
{
    std::error_code error;
    const std::filesystem::path folder(path);
    if (std::filesystem::is_directory(folder, error))
        return {};
    std::filesystem::create_directories(folder.parent_path(), error);
    if (!error && ::mkdir(path.c_str(), 0700) != 0)
        error.assign(errno, std::generic_category());
    if (!error || error == std::errc::file_exists)
        return {};
    return Error{.text = "cannot make the state folder " + path + ": " + error.message() +
                         "; let the server make it, or give another place with --store"};
}

Result<void> checkFolderFor(const std::string &database)
{
    const std::filesystem::path folder = std::filesystem::path(database).parent_path();
    std::error_code ignored; // what cannot be looked at is told when the database is opened
    if (folder.empty() ||
        std::filesystem::status(folder, ignored).type() != std::filesystem::file_type::not_found)
        return {};
    const std::string text =
        "cannot use the store " + database + ": there is no folder " + folder.string() + "; ";
    if (const std::string home = variable("HOME"); database.starts_with("~/") && home.starts_with('/'))
        return Error{.text = text + "~ does not stand for the home folder there: write --store " +
                             shellWord("sqlite:" + home + database.substr(1))};
    return Error{.text = text + "make it (mkdir -p " + shellWord(folder.string()) +
                         "), or give another path with --store"};
}

} // namespace parlor
