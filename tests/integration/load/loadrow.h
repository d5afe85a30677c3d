// SPDX-License-Identifier: MIT
#pragma once

#include "loadprocess.h"
#include "roundrobin.h"
#include "tests/support/serverprocess.h"

#include <map>
#include <memory>

namespace parlor::test {

/// A row of a test function's data whose run has begun already: a function's rows begin together, in its
/// _data(), since they wait more than they compute. Each row then judges its own.
struct LoadRow
{
    std::unique_ptr<ServerProcess> server;
    std::unique_ptr<ServerProcess> other{}; ///< of two servers
    std::unique_ptr<RoundRobin> balancer{}; ///< before them
    std::unique_ptr<LoadProcess> load{};
    Problem problem{}; ///< why it could not begin
};

/// By QTest::currentDataTag(). cleanup() erases the row that was judged.
using LoadRows = std::map<QByteArray, LoadRow>;

} // namespace parlor::test
