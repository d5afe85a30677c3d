// SPDX-License-Identifier: MIT
#pragma once

#include "server/moderation/act.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parlor {

/// What somebody, or a room, is under because of a moderator.
struct Sanction
{
    enum class Kind : std::uint8_t { UserBan, NetworkBan, Mute, Slow };
    Kind kind = Kind::UserBan;
    std::string user{};                               ///< of a ban of a user, and of a mute
    Network network{};                                ///< of a ban of one
    std::string room{};                               ///< of a mute, empty: all rooms; and of slow
    std::chrono::milliseconds interval{};             ///< of slow
    std::optional<std::chrono::milliseconds> until{}; ///< since 1970; nullopt: without an end
    std::string reason{};
    std::string by{}; ///< the moderator's `user`
    Rank rank = Rank::Moderator;
    std::chrono::milliseconds since{}; ///< since 1970

    [[nodiscard]] bool isOver(std::chrono::milliseconds now) const { return until && *until <= now; }
    bool operator==(const Sanction &) const = default;
};

/// Names the one sanction of its kind that its subject can have: the key under which it is kept.
[[nodiscard]] std::string fieldOf(const Sanction &sanction);
/// What whoever is under it is told: until when, and why.
[[nodiscard]] std::string wording(const Sanction &sanction);

/// All that is in force. Whoever has one reads it without a lock: once it is shared it never changes.
class Sanctions
{
public:
    static constexpr std::size_t kMost = 10'000;

    /// Replaces one with the same field.
    void put(Sanction sanction);
    void erase(const std::string &field);

    // Null: there is none, it is over at `now` (since 1970), or it does not reach this role.
    [[nodiscard]] const Sanction *banOf(const std::string &user, Role role,
                                        std::chrono::milliseconds now) const;
    /// Of the narrowest network.
    [[nodiscard]] const Sanction *banOf(const IpAddress &address, Role role,
                                        std::chrono::milliseconds now) const;
    /// Of the address, or of the user.
    [[nodiscard]] const Sanction *banOf(const IpAddress &address, const std::string &user, Role role,
                                        std::chrono::milliseconds now) const;
    [[nodiscard]] const Sanction *muteOf(const std::string &user, Role role, const std::string &room,
                                         std::chrono::milliseconds now) const;
    /// Between two messages of one member; 0: any. Moderators are exempt.
    [[nodiscard]] std::chrono::milliseconds intervalOf(const std::string &room, Role role,
                                                       std::chrono::milliseconds now) const;

    [[nodiscard]] const Sanction *find(const std::string &field) const;
    [[nodiscard]] const std::unordered_map<std::string, Sanction> &all() const { return m_all; }

private:
    [[nodiscard]] const Sanction *inForce(const std::string &field, Role role,
                                          std::chrono::milliseconds now) const;

    std::unordered_map<std::string, Sanction> m_all; ///< by field
    std::array<std::uint16_t, 129> m_networkBans{};  ///< how many have this length
};
using SanctionsPtr = std::shared_ptr<const Sanctions>;

/// What is other in `after`. What was over at `now` has not changed by going.
struct SanctionChanges
{
    std::vector<const Sanction *> bans{};    ///< that are new, or other
    std::vector<const Sanction *> mutes{};   ///< the same
    std::vector<const Sanction *> unmuted{}; ///< are gone
};
/// It refers to both.
[[nodiscard]] SanctionChanges changes(const Sanctions &before, const Sanctions &after,
                                      std::chrono::milliseconds now);

} // namespace parlor
