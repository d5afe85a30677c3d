// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace parlor {

/// The chat for browsers, resources/web/client.html.
extern const std::string_view kClientPage;

/// The page's Content-Security-Policy: its own script and its own style by their hashes, WebSockets to
/// anywhere (the address can be typed), and nothing else. What others wrote could not run even if it became
/// markup.
[[nodiscard]] std::string contentSecurityPolicy(std::string_view page);

} // namespace parlor
