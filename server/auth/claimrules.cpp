// SPDX-License-Identifier: MIT
#include "server/auth/claimrules.h"

#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"

#include <algorithm>

namespace parlor {

namespace {

constexpr std::size_t kMaxUserCodePoints = 128;
constexpr std::size_t kMaxRoomPatterns = 100;
/// The sender of what the server itself says.
constexpr std::string_view kServerUser = "server";

std::string timeText(std::chrono::milliseconds time)
{
    const auto text = values::timestamp(time);
    return std::string(std::string_view(text));
}

bool hasControls(std::string_view utf8)
{
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        const bool isC1 = c == 0xC2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xA0;
        if (c < 0x20 || c == 0x7F || isC1)
            return true;
    }
    return false;
}

std::string userOf(StrictObject &claims)
{
    const auto sub = claims.text("sub");
    if (!sub) {
        claims.fail("the token does not say who it is for (sub); have the issuer put it in");
        return {};
    }
    const auto codePoints =
        std::ranges::count_if(*sub, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (sub->empty() || static_cast<std::size_t>(codePoints) > kMaxUserCodePoints)
        claims.fail("\"sub\" of the token has 1 to 128 characters; have the issuer give another");
    else if (hasControls(*sub))
        claims.fail("\"sub\" of the token has control characters; have the issuer give another");
    else if (*sub == kServerUser)
        claims.fail(
            "\"sub\" of the token is \"server\", which is this server's own name; have the issuer give "
            "another");
    return std::string(*sub);
}

/// The words of a claim: a list of strings, or a string with spaces between. Nullopt: it is none of them.
std::optional<std::vector<std::string>> wordsOf(simdjson::dom::element claim)
{
    std::vector<std::string> words;
    simdjson::dom::array list;
    std::string_view text;
    if (claim.get(list) == simdjson::SUCCESS) {
        for (const simdjson::dom::element each : list) {
            if (each.get(text) != simdjson::SUCCESS)
                return std::nullopt;
            words.emplace_back(text);
        }
        return words;
    }
    if (claim.get(text) != simdjson::SUCCESS)
        return std::nullopt;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end != begin)
            words.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

Role roleOf(const std::vector<std::string> &words)
{
    Role role = Role::Member;
    for (const std::string &word : words) {
        if (word == "moderator" || word == "parlor-moderator")
            role = std::max(role, Role::Moderator);
        else if (word == "admin" || word == "parlor-admin")
            role = Role::Admin;
    }
    return role;
}

/// Lower-cased, as the names of rooms are; empty if no room can match it.
std::string roomPattern(std::string_view word)
{
    std::string pattern(word);
    for (char &c : pattern) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '*';
        if (!allowed)
            return {};
    }
    return pattern.size() <= limits::kRoomNameBytes ? pattern : std::string();
}

std::vector<std::string> roomsOf(StrictObject &claims, const std::string &claim)
{
    const auto member = claims.at(claim);
    if (!member)
        return {};
    const auto words = wordsOf(*member);
    if (!words || words->size() > kMaxRoomPatterns) {
        claims.fail(inQuotes(claim) +
                    " of the token is no list of at most 100 names of rooms; have the issuer give "
                    "one, as [\"general\", \"team-*\"]");
        return {};
    }
    std::vector<std::string> patterns;
    for (const std::string &word : *words) {
        patterns.push_back(roomPattern(word));
        if (patterns.back().empty())
            claims.fail(
                inQuotes(word) + " in " + inQuotes(claim) +
                " of the token is no room: names are made of a-z, 0-9, '.', '_' and '-', and * stands "
                "for any of them; have the issuer correct it");
    }
    if (patterns.empty())
        patterns.emplace_back(); // matches no room, where no pattern at all would allow every one
    return patterns;
}

bool names(simdjson::dom::element audience, std::string_view wanted)
{
    std::string_view text;
    if (audience.get(text) == simdjson::SUCCESS)
        return text == wanted;
    simdjson::dom::array list;
    return audience.get(list) == simdjson::SUCCESS &&
           std::any_of(list.begin(), list.end(), [wanted](simdjson::dom::element each) {
               std::string_view one;
               return each.get(one) == simdjson::SUCCESS && one == wanted;
           });
}

} // namespace

std::optional<Error> expired(const std::string &what, std::chrono::milliseconds expires,
                             std::chrono::milliseconds now)
{
    if (now < expires + kTokenLeeway)
        return std::nullopt;
    return Error{ErrorCode::TokenExpired, what + " has expired at " + timeText(expires) + ", and it is " +
                                              timeText(now) + " here; get a new one"};
}

Result<Grant> ClaimRules::grantOfToken(StrictObject &claims, std::chrono::milliseconds now) const
{
    const auto expires = claims.time("exp");
    const auto begins = claims.time("nbf");
    const auto issued = claims.time("iat");
    if (!expires)
        claims.fail("the token does not say when it expires (exp); have the issuer put it in");
    else if (begins && *begins > now + kTokenLeeway)
        claims.fail("the token is valid from " + timeText(*begins) + ", and it is " + timeText(now) +
                    " here; wait, or set the clocks");
    else if (issued && *issued > now + kTokenLeeway)
        claims.fail("the token is issued at " + timeText(*issued) + ", and it is " + timeText(now) +
                    " here; set the clocks");
    if (audience) {
        const auto member = claims.find("aud");
        if (!member || !names(*member, *audience))
            claims.fail("the token is not for this server, whose name is " + inQuotes(*audience) +
                        " (aud); ask the issuer for one that is");
    }
    if (issuer && claims.text("iss") != *issuer)
        claims.fail("the token is not of the issuer " + inQuotes(*issuer) + " (iss); get one there");
    if (claims.mistake())
        return Error{ErrorCode::AuthInvalid, *claims.mistake()};
    if (auto error = expired("the token", *expires, now))
        return *std::move(error);
    auto grant = this->grant(claims, {name});
    if (grant)
        grant->expires = *expires;
    return grant;
}

Role ClaimRules::appointed(std::string_view user) const
{
    if (std::ranges::find(admins, user) != admins.end())
        return Role::Admin;
    return std::ranges::find(moderators, user) != moderators.end() ? Role::Moderator : Role::Member;
}

Result<Grant> ClaimRules::grant(StrictObject &claims, const std::vector<std::string> &nameClaims) const
{
    Grant grant{.user = userOf(claims)};
    for (const std::string &claim : nameClaims) {
        std::string_view text;
        const auto member = claims.at(claim);
        if (!grant.username.empty() || !member || member->get(text) != simdjson::SUCCESS)
            continue;
        if (auto valid = values::username(text))
            grant.username = *std::move(valid);
    }
    if (const auto member = claims.at(roles)) {
        if (const auto words = wordsOf(*member))
            grant.role = roleOf(*words);
    }
    grant.role = std::max(grant.role, appointed(grant.user));
    grant.rooms = roomsOf(claims, rooms);
    if (claims.mistake())
        return Error{ErrorCode::AuthInvalid, *claims.mistake()};
    return grant;
}

} // namespace parlor
