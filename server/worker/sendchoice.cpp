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
Result<void> tryRings(unsigned workers)
{
    std::vector<std::unique_ptr<UringBatch>> rings;
    for (unsigned i = 0; i < workers; ++i) {
        auto made = UringBatch::make();
        if (!made)
            return made.error();
        rings.push_back(*std::move(made));
    }
    return {};
}

} // namespace

Result<SendKind> chooseSends(SendsChoice choice, unsigned workers)
{
    if (choice == SendsChoice::Send) {
        qCInfo(log::server, "a system call for each send");
        return SendKind::SystemCalls;
    }
    const Result<void> tried = tryRings(workers);
    if (tried) {
        qCInfo(log::server, "sends go through io_uring, many in one system call");
        return SendKind::IoUring;
    }
    if (choice == SendsChoice::IoUring)
        return Error{.text =
                         "--sends io_uring cannot be had: " + tried.error().text + "; choose auto or send"};
    qCInfo(log::server, "a system call for each send: %s", tried.error().text.c_str());
    return SendKind::SystemCalls;
}

} // namespace parlor
