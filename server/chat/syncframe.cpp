// SPDX-License-Identifier: MIT
#include "server/chat/syncframe.h"

#include "shared/protocol/encoder.h"

namespace parlor {

void encodeSync(std::string &json, const std::string &room, const SyncPage &page)
{
    const auto id = page.top.id.text();
    frame::Sync sync{room, page.epoch, page.top.seq};
    if (!page.top.id.isNull())
        sync.id = id;
    sync.recovered = page.recovered;
    sync.reason = page.reason;
    sync.more = page.more;
    encode(json, sync, page.events);
}

} // namespace parlor
