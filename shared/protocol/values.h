// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/fixedtext.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <string>
#include <string_view>

/// The rules of docs/protocol.md section 3 for what people type. Input is valid UTF-8, but for isUtf8().
namespace parlor::values {

/// RFC 3629, without surrogates and overlong forms.
[[nodiscard]] bool isUtf8(std::string_view text);
/// The room's name lower-cased, or room_invalid.
[[nodiscard]] Result<std::string> roomName(std::string_view name);
/// The name in NFC, or name_invalid.
[[nodiscard]] Result<std::string> username(std::string_view name);
/// nullopt if a v2 client may send this text as content; bad_request or too_large if not.
[[nodiscard]] std::optional<Error> checkContent(std::string_view text);
/// nullopt if this may be a message's cid.
[[nodiscard]] std::optional<Error> checkCid(std::string_view cid);

using Timestamp = FixedText<24>;
/// RFC 3339, UTC, milliseconds: 2026-01-31T23:59:59.999Z.
[[nodiscard]] Timestamp timestamp(std::chrono::milliseconds sinceEpoch);

} // namespace parlor::values
