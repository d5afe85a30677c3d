// SPDX-License-Identifier: MIT
#include "server/worker/sendchoice.h"

#include "server/ops/logging.h"
#include "server/transport/uringbatch.h"

namespace parlor {

Outcome<SendKind> chooseSends(SendsChoice choice)
{
    if (choice == SendsChoice::Send)
        return SendKind::SystemCalls;
    std::string why;
    if (UringBatch::make(why))
        return SendKind::IoUring;
    if (choice == SendsChoice::IoUring)
        return Failure{"--sends io_uring cannot be had: " + why + "; choose auto or send"};
    qCInfo(log::server, "a system call for each send: %s", why.c_str());
    return SendKind::SystemCalls;
}

} // namespace parlor
