// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QStringList>

#include <functional>
#include <vector>

namespace parlor::test::model {

/// A kind of store that the model runs on.
struct Engine
{
    const char *name;
    /// Whether it promises `durable`: then nothing of it may be lost by the server's death. Otherwise each
    /// start begins anew, and only the sessions go on.
    bool isDurable;
    /// Of the server's n-th start on a store in this folder.
    std::function<QStringList(const QDir &folder, int run)> arguments;
};

[[nodiscard]] const std::vector<Engine> &engines();

} // namespace parlor::test::model
