// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <string_view>
#include <vector>

/// Decoded frames, whose text lives in the decoder, to values that own theirs.
namespace parlor::fromwire {

[[nodiscard]] QString text(std::string_view utf8);
[[nodiscard]] ChatMessage message(const frame::Message &message);
[[nodiscard]] ChatMessage deletion(const frame::Deleted &deleted);
[[nodiscard]] ChatMessage event(const frame::Event &event);
[[nodiscard]] std::vector<ChatMessage> events(const std::vector<frame::Event> &events);
[[nodiscard]] RoomMember member(const Member &member);
[[nodiscard]] QList<RoomMember> members(const std::vector<Member> &members);
[[nodiscard]] SessionRole role(std::string_view name);
[[nodiscard]] ModerationNotice notice(const frame::Moderated &moderated);
[[nodiscard]] Refusal refusal(const frame::Error &error);
/// In place of an answer that will not come.
[[nodiscard]] Refusal connectionLost();
/// Whether to wait and send the same again.
[[nodiscard]] bool isWorthRepeating(const Refusal &refusal);
/// The server cannot do it for now, whoever asks.
[[nodiscard]] bool isUnavailable(const Refusal &refusal);
/// Another token may be taken.
[[nodiscard]] bool isTokenRefused(const Refusal &refusal);
[[nodiscard]] bool isTokenExpired(const Refusal &refusal);

} // namespace parlor::fromwire
