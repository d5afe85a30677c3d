// SPDX-License-Identifier: MIT
#include "tests/integration/model/engine.h"

#include <array>

namespace parlor::test::model {

using namespace Qt::StringLiterals;

std::span<const Engine> engines()
{
    // Nothing to be destroyed at the end, beside threads that have read it.
    static constexpr std::array all{
        Engine{"memory", false,
               [](const QDir &folder, int) {
                   return QStringList{u"--store"_s, u"memory"_s, u"--secret-file"_s,
                                      folder.filePath(u"secret"_s)};
               }},
        Engine{"sqlite", true,
               [](const QDir &folder, int run) {
                   // Every second one has hardly any memory, and must read what it tells of the past.
                   return QStringList{u"--store"_s, u"sqlite:"_s + folder.filePath(u"parlor.db"_s),
                                      u"--history-memory"_s, run % 2 == 0 ? u"16KiB"_s : u"256MiB"_s};
               }},
    };
    return all;
}

} // namespace parlor::test::model
