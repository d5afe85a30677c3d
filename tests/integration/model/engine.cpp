// SPDX-License-Identifier: MIT
#include "tests/integration/model/engine.h"

namespace parlor::test::model {

using namespace Qt::StringLiterals;

const std::vector<Engine> &engines()
{
    static const std::vector<Engine> all{
        {"memory", false,
         [](const QDir &folder) {
             return QStringList{u"--store"_s, u"memory"_s, u"--secret-file"_s, folder.filePath(u"secret"_s)};
         }},
        {"sqlite", true,
         [](const QDir &folder) {
             return QStringList{u"--store"_s, u"sqlite:"_s + folder.filePath(u"parlor.db"_s)};
         }},
    };
    return all;
}

} // namespace parlor::test::model
