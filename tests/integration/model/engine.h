// SPDX-License-Identifier: MIT
#pragma once

#include <QDir>
#include <QStringList>

#include <span>

namespace parlor::test::model {

/// A kind of store that the model runs on.
struct Engine
{
    const char *name;
    /// Whether it promises `durable`: then nothing of it may be lost by the server's death. Otherwise each
    /// start begins anew, and only the sessions go on.
    bool isDurable;
    /// Of the server's n-th start on a store in this folder.
    QStringList (*arguments)(const QDir &folder, int run);
};

[[nodiscard]] std::span<const Engine> engines();

} // namespace parlor::test::model
