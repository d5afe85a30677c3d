// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/messages.h"
#include "shared/protocol/sharedbytes.h"

#include <span>
#include <string>

/// Structs to JSON, appended to `out`. Nothing here can fail; all text must be valid UTF-8.
namespace parlor {

void encode(std::string &out, const Request &request);
void encode(std::string &out, const v1::Request &request);
void encode(std::string &out, const frame::Any &any);

/// A sync or history whose events are message frames that were encoded before; its own `events` must be
/// empty.
void encode(std::string &out, const frame::Sync &sync, std::span<const SharedBytes> events);
void encode(std::string &out, const frame::History &history, std::span<const SharedBytes> events);

/// An error as a v1 client expects it: code and message only.
void encodeV1(std::string &out, const frame::Error &error);

/// What one encoded event adds to a page, its comma included.
[[nodiscard]] inline std::size_t eventBytes(const SharedBytes &event)
{
    return event.size() + 1;
}

} // namespace parlor
