// SPDX-License-Identifier: MIT
#pragma once

#include "server/ops/options.h"
#include "shared/protocol/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

/// The notations in which options are written. What text() makes, parse…() reads back as the same value.
namespace parlor::values {

/// `500ms`, `5s`, `1m`, `2h`, `0`; at most 168h.
[[nodiscard]] Result<std::chrono::milliseconds> parseDuration(std::string_view text);
/// `30d`, `12h`, `0`; at most 36500d.
[[nodiscard]] Result<std::chrono::milliseconds> parseAge(std::string_view text);
/// `memory`, `sqlite:/var/lib/parlor/parlor.db`.
[[nodiscard]] Result<StoreChoice> parseStore(std::string_view text);
/// Bytes: `65536`, `64KiB` or `64K`, `1MiB`, `1GiB`; at most 1024GiB.
[[nodiscard]] Result<std::uint64_t> parseSize(std::string_view text);
/// A whole number of at most 10^15.
[[nodiscard]] Result<std::uint64_t> parseCount(std::string_view text);
/// `10`, `0.5`; 0, or from a thousandth to a million.
[[nodiscard]] Result<double> parseRate(std::string_view text);
/// `127.0.0.1:8000`, `[::1]:8000`; with `wss://` before it for TLS, with `ws://` or nothing for none.
[[nodiscard]] Result<ListenAddress> parseListenAddress(std::string_view text);
/// `127.0.0.1:8001`, `https://10.0.1.5:8001`, `unix:/run/parlor/admin`.
[[nodiscard]] Result<AdminAddress> parseAdminAddress(std::string_view text);
/// `10.0.0.0/8`, `2001:db8::/32`, or a lone address.
[[nodiscard]] Result<Subnet> parseSubnet(std::string_view text);
/// What a browser sends as Origin: `https://chat.example.org`, `http://localhost:8080`, `null`.
[[nodiscard]] Result<std::string> parseOrigin(std::string_view text);
/// A text that is not empty and has no control character.
[[nodiscard]] Result<std::string> parsePath(std::string_view text);
/// A path, or an address of parseHttpsUrl().
[[nodiscard]] Result<std::string> parseJwks(std::string_view text);
/// `https://issuer.example/keys`; without TLS only to this machine: `http://127.0.0.1:8080/keys`. No slash is
/// left at its end.
[[nodiscard]] Result<std::string> parseHttpsUrl(std::string_view text);
/// `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID`.
[[nodiscard]] Result<std::string> parseAlbArn(std::string_view text);
/// `ann`, `ann, ben`.
[[nodiscard]] Result<std::vector<std::string>> parseUsers(std::string_view text);
/// Any text that is not empty and has no control character.
[[nodiscard]] Result<std::string> parseLine(std::string_view text);
/// 1 to 253 letters, digits and `.-_:`.
[[nodiscard]] Result<std::string> parseHostname(std::string_view text);
/// Begins names in Redis: `parlor:`; 1 to 64 letters, digits and `:._-`.
[[nodiscard]] Result<std::string> parseRedisPrefix(std::string_view text);

[[nodiscard]] std::string text(std::chrono::milliseconds duration);
[[nodiscard]] std::string ageText(std::chrono::milliseconds age);
[[nodiscard]] std::string text(const StoreChoice &store);
[[nodiscard]] std::string sizeText(std::uint64_t bytes);
/// For people only, to one decimal: `812 bytes`, `64.0 KiB`, `1.5 GiB`.
[[nodiscard]] std::string roundSizeText(std::uint64_t bytes);
[[nodiscard]] std::string text(double rate);
[[nodiscard]] std::string text(const ListenAddress &address);
[[nodiscard]] std::string text(const AdminAddress &address);
[[nodiscard]] std::string text(const Subnet &subnet);

} // namespace parlor::values
