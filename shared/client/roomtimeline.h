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
///
/// A server that comes back with an older history (`ahead`) has lost the newest of what was shown: that
/// stays, the position goes back to the newest message that both have, and what comes after it, under the
/// same numbers, is shown below a divider. One that comes back with a forked history (`diverged`) has other
/// messages in their place already, which are shown below the divider at once.
class RoomTimeline
{
public:
    /// What follows from a frame. The caller shows each of `show` and calls commit() for it, and commitAll()
    /// when all are shown: so the position never runs ahead of what was shown.
    struct Step
    {
        std::vector<ChatMessage> show{};  ///< with those that delete others
        std::vector<ChatMessage> blank{}; ///< shown before, and deleted by now
        MessageSource source = MessageSource::Live;
        std::optional<quint64> askAfter{}; ///< request `history` after this seq
        std::optional<MissingMessages> missing{};
        std::size_t missingAt = 0; ///< so many of `show` are below the hole
        bool upToDate = false;     ///< a sync's last page is in
    };

    /// `held`: how many messages beyond a hole are kept while the history is asked. `remembered`: how many of
    /// the newest are recognised.
    explicit RoomTimeline(std::size_t held = 1000, std::size_t remembered = 4096);

    /// `shown`: the newest that were shown, oldest first.
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
    [[nodiscard]] bool continues(const MessagePage &page, const frame::Sync &head) const;
    [[nodiscard]] bool gather(MessagePage &page, const frame::Sync &head, bool isFurtherPage);
    void startAnew(MessagePage &page, Step &step);
    void blankIfDeleted(const ChatMessage &message, Step &step) const;
    void take(ChatMessage message, Step &step);
    void advance(ChatMessage message, Step &step);
    void jumpTo(const RoomPosition &position);
    void passOver(quint64 end, Step &step);
    void drainHeld(Step &step);
    void giveUpHole(Step &step);
    void lookForHole(Step &step);
    void remember(const ShownMessage &message);

    std::optional<RoomPosition> m_position;
    RoomPosition m_cursor; ///< decided up to here; m_position follows when it was shown
    RoomPosition m_top;    ///< the highest that is known to exist
    bool m_syncing = false;
    std::optional<frame::SyncReason> m_syncReason; ///< of the sync under way
    bool m_asked = false;
    std::optional<MessagePage> m_gathered; ///< of a sync that starts anew and has further pages
    std::map<quint64, ChatMessage> m_held;
    std::size_t m_maxHeld;
    std::size_t m_maxRemembered;
    QSet<QString> m_known; ///< ids of what was shown or passed over, and names of what was composed
    std::deque<ShownMessage> m_byAge;
};

} // namespace parlor
