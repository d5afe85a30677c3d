// SPDX-License-Identifier: MIT
#include "server/worker/sendchoice.h"

#include "server/ops/logging.h"
#include "server/transport/uringbatch.h"

#include <memory>
#include <string>
#include <vector>

namespace parlor {

namespace {

/// One ring for each worker, held at the same time: there may be place for some of them only.
bool canHaveRings(unsigned workers, std::string &why)
{
    std::vector<std::unique_ptr<UringBatch>> rings;
    for (unsigned i = 0; i < workers; ++i) {
        rings.push_back(UringBatch::make(why));
        if (!rings.back())
            return false;
    }
    return true;
}

} // namespace

Outcome<SendKind> chooseSends(SendsChoice choice, unsigned workers)
{
    if (choice == SendsChoice::Send) {
        qCInfo(log::server, "a system call for each send");
        return SendKind::SystemCalls;
    }
    std::string why;
    if (canHaveRings(workers, why)) {
        qCInfo(log::server, "sends go through io_uring, many in one system call");
        return SendKind::IoUring;
    }
    if (choice == SendsChoice::IoUring)
        return Failure{"--sends io_uring cannot be had: " + why + "; choose auto or send"};
    qCInfo(log::server, "a system call for each send: %s", why.c_str());
    return SendKind::SystemCalls;
}

} // namespace parlor
