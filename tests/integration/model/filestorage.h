// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/storage.h"

#include <QTemporaryDir>

namespace parlor::test::model {

/// A server's own memory, or its SQLite file.
class FileStorage final : public Storage
{
public:
    enum class Kind : std::uint8_t { Memory, Sqlite };
    explicit FileStorage(Kind kind)
        : m_kind(kind)
    {
    }

    [[nodiscard]] QStringList arguments(int run) const override;
    [[nodiscard]] Problem fill(qint64 server) override;
    [[nodiscard]] Problem makeRoom(qint64 server) override;
    [[nodiscard]] Problem backUp(std::map<QString, qint64> &tops) override;
    [[nodiscard]] Problem restore() override;
    [[nodiscard]] Problem disturb(int, Part) override { return {}; }
    [[nodiscard]] Problem lose(int, Part) override { return {}; }

private:
    Kind m_kind;
    QTemporaryDir m_folder;
};

} // namespace parlor::test::model
