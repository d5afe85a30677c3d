// SPDX-License-Identifier: MIT
// What moderators impose, as stores keep it: what is read of a store is written so that it reads as the same,
// and what acts made is what a store gives back.
#include "server/moderation/sanctionbook.h"
#include "server/moderation/sanctiontext.h"
#include "shared/protocol/decoder.h"
#include "shared/protocol/limits.h"
#include "shared/protocol/values.h"
#include "tests/fuzz/target.h"

#include <map>

namespace parlor::fuzz {

namespace {

/// The first line is a field, the rest is its value.
void readKept(std::string_view input)
{
    Choices choices(input);
    const std::string_view field = choices.line();
    const auto sanction = sanctiontext::decode(field, choices.rest());
    if (!sanction)
        return;
    check(fieldOf(*sanction) == field, "a sanction is kept under its own field", field);
    check(values::isUtf8(wording(*sanction)), "what is told of it is UTF-8", wording(*sanction));
    const std::string text = sanctiontext::encode(*sanction);
    const auto again = sanctiontext::decode(field, text);
    check(again && *again == *sanction, "what was written reads as the same", text);
}

/// A store of texts, as SQLite and Redis keep them.
class KeptTexts
{
public:
    void take(const sanctionbook::Change &change)
    {
        for (const std::string &field : change.erased)
            m_texts.erase(field);
        if (change.put)
            m_texts.insert_or_assign(fieldOf(*change.put), sanctiontext::encode(*change.put));
    }
    [[nodiscard]] std::unordered_map<std::string, Sanction> read() const
    {
        Sanctions all;
        for (const auto &[field, text] : m_texts) {
            auto sanction = sanctiontext::decode(field, text);
            check(sanction.has_value(), "what was kept can be read", text);
            all.put(*std::move(sanction));
        }
        return all.all();
    }

private:
    std::map<std::string, std::string> m_texts;
};

void checkHolds(const Act &act, const Sanctions &present)
{
    using enum Act::Action;
    const Role role = act.rank == Rank::Moderator ? Role::Member : Role::Moderator;
    if (act.action == Ban && act.network)
        check(present.banOf(act.network->base(), role, act.at), "who is in a banned network is banned",
              subjectOf(act));
    else if (act.action == Ban)
        check(present.banOf(act.user, role, act.at), "who is banned is banned", subjectOf(act));
    else if (act.action == Mute)
        check(present.muteOf(act.user, role, act.room.empty() ? "x" : act.room, act.at),
              "who is muted is muted", subjectOf(act));
    else if (act.action == Slow)
        check(present.intervalOf(act.room, Role::Member, act.at) == act.interval,
              "a room is as slow as was said", subjectOf(act));
}

/// Each line is a request to moderate; a letter before it says who asks, and lets time pass.
void moderate(std::string_view input)
{
    Decoder decoder(limits::kJsonDepth);
    std::chrono::milliseconds now{1'700'000'000'000};
    SanctionsPtr present = std::make_shared<const Sanctions>();
    KeptTexts kept;
    for (Choices choices(input); !choices.isOver();) {
        Choices line(choices.line());
        const std::size_t who = line.below(4);
        now += std::chrono::milliseconds(who == 3 ? 100'000 : 1);
        const auto decoded = decoder.request(line.rest());
        const auto *request = std::get_if<Request>(&decoded);
        const auto *asked = request ? std::get_if<request::Moderate>(&request->body) : nullptr;
        if (!asked)
            continue;
        const auto act = readAct(*asked, {"mo", static_cast<Rank>(who % 3), now});
        if (!act) {
            check(values::isUtf8(act.error().text), "an error is UTF-8", act.error().text);
            continue;
        }
        const auto change = sanctionbook::apply(*act, *present);
        if (!change || !change->after)
            continue;
        kept.take(*change);
        present = change->after;
        check(kept.read() == present->all(), "what is kept is what is in force", subjectOf(*act));
        checkHolds(*act, *present);
    }
}

void sanctions(std::string_view input)
{
    readKept(input);
    moderate(input);
}

const Target kSanctions("sanctions", &sanctions);

} // namespace

} // namespace parlor::fuzz
