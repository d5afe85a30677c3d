// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/chattypes.h"

#include <QSet>

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace parlor {

/// A `sync` or `history` frame's events and what it says about them.
struct MessagePage
{
    QString epoch;
    std::vector<ChatMessage> events; ///< ascending
    bool more = false;
};

/// One room's messages on their way to the person: in the order of seq, each once, holes filled from the
/// history or declared final. Knows no socket; says what to show and what to ask for.
class RoomTimeline
{
public:
    /// What follows from a frame. The caller shows each of `show` and calls commit() for it, and commitAll()
    /// when all are shown: so the position never runs ahead of what was shown.
    struct Step
    {
        std::vector<ChatMessage> show{};
        MessageSource source = MessageSource::Live;
        std::optional<quint64> askAfter{}; ///< request `history` after this seq
        std::optional<MissingMessages> missing{};
        std::size_t missingAt = 0;             ///< so many of `show` are below the hole
        bool upToDate = false;                 ///< a sync's last page is in
        std::optional<RenamedEpoch> renamed{}; ///< before anything of `show`; position() has it already
    };

    /// `held`: how many messages beyond a hole are kept while the history is asked.
    explicit RoomTimeline(std::size_t held = 1000, std::size_t rememberedIds = 4096);

    /// `shown`: the newest that were shown up to there, oldest first.
    void restore(const RoomPosition &position, const QList<ShownMessage> &shown = {});
    /// Everything up to here was shown.
    [[nodiscard]] const std::optional<RoomPosition> &position() const { return m_position; }

    [[nodiscard]] Step sync(MessagePage page, const frame::Sync &head);
    [[nodiscard]] Step live(ChatMessage message);
    [[nodiscard]] Step history(MessagePage page);
    /// The history that was asked for will not come: what is missing stays missing.
    [[nodiscard]] Step historyRefused();
    /// The connection ended: what was asked is not answered any more, and the next sync brings it.
    void connectionLost();

    void commit(const ChatMessage &shown);
    void commitAll();

private:
    [[nodiscard]] bool gather(MessagePage &page, const frame::Sync &head);
    void startAnew(MessagePage &page, const frame::Sync &head, Step &step);
    void take(ChatMessage message, Step &step);
    void passOver(quint64 end, Step &step);
    void drainHeld(Step &step);
    void giveUpHole(Step &step);
    void lookForHole(Step &step);
    [[nodiscard]] bool isNew(const ShownMessage &message);

    std::optional<RoomPosition> m_position;
    QString m_epoch;
    quint64 m_cursor = 0; ///< decided up to here; m_position follows when it was shown
    quint64 m_top = 0;    ///< the highest seq that is known to exist
    bool m_syncing = false;
    bool m_asked = false;
    std::optional<MessagePage> m_gathered; ///< of a sync that starts anew and has further pages
    std::map<quint64, ChatMessage> m_held;
    std::size_t m_maxHeld;
    std::size_t m_maxIds;
    QSet<QString> m_ids;
    std::deque<QString> m_idsByAge;
    ShownMessage m_last; ///< of what was shown; its id is empty if nothing was
};

} // namespace parlor
