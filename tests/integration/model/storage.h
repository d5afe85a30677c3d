// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/problem.h"

#include <QStringList>

#include <cstdint>
#include <map>

namespace parlor::test::model {

/// Where the servers of a run keep their messages, and what can befall it.
class Storage
{
public:
    virtual ~Storage() = default;

    /// Before the first server.
    [[nodiscard]] virtual Problem start() { return {}; }
    /// Of the run's n-th server.
    [[nodiscard]] virtual QStringList arguments(int run) const = 0;

    /// From now on nothing can be written; `server` is the process that is told so. A new process may write.
    [[nodiscard]] virtual Problem fill(qint64 server) = 0;
    [[nodiscard]] virtual Problem makeRoom(qint64 server) = 0;
    /// While servers run; the newest numbers of the copy's rooms.
    [[nodiscard]] virtual Problem backUp(std::map<QString, qint64> &tops) = 0;
    /// Puts the copy in place, while no server runs.
    [[nodiscard]] virtual Problem restore() = 0;

    /// Of disturb() and lose().
    enum class Part : std::uint8_t { Begin, End };
    /// Something from which nothing may be lost. Between its parts messages are sent.
    [[nodiscard]] virtual Problem disturb(int which, Part part) = 0;
    /// What comes between the parts is lost. `which` that is not below kKeepingLosses loses all that was
    /// there before, too.
    [[nodiscard]] virtual Problem lose(int which, Part part) = 0;
    static constexpr int kDisturbances = 6;
    static constexpr int kLosses = 4;
    static constexpr int kKeepingLosses = 2;
};

} // namespace parlor::test::model
