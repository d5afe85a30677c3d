// SPDX-License-Identifier: MIT
#include "server/transport/sendbatch.h"

#include "server/ops/logging.h"
#include "server/transport/sendloop.h"
#include "server/transport/uringbatch.h"

namespace parlor {

std::unique_ptr<SendBatch> makeSendBatch(SendKind kind)
{
    if (kind == SendKind::IoUring) {
        auto batch = UringBatch::make();
        if (batch)
            return *std::move(batch);
        qCWarning(log::server, "a worker sends by system calls: %s", batch.error().text.c_str());
    }
    return std::make_unique<SendLoop>();
}

} // namespace parlor
