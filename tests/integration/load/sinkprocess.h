// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/serverprocess.h"

#include <QJsonObject>
#include <QStringList>

namespace parlor::test {

/// `parlor-cli sink --json` on a free port.
class SinkProcess : public ServerProcess
{
public:
    explicit SinkProcess(const QStringList &arguments);

    /// After stop(): what it says that it did.
    [[nodiscard]] QJsonObject report() const;
    /// Of that, what faultsOf() has of a run.
    [[nodiscard]] QString faults() const;
};

} // namespace parlor::test
