// SPDX-License-Identifier: MIT
#include "shared/client/typingtracker.h"

#include <algorithm>

namespace parlor {

namespace {

/// More people than anybody would show; keeps a strange server from filling the memory.
constexpr std::size_t kMaxWriters = 1000;

} // namespace

TypingTracker::TypingTracker(const ClientOptions &options, QObject *parent)
    : QObject(parent)
    , m_clock(options.clock)
    , m_interval(options.typingInterval)
    , m_expiry(options.typingExpiry)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &TypingTracker::expire);
}

bool TypingTracker::shouldTell(const QString &room, TypingState now)
{
    if (now == TypingState::Off)
        return m_toldAt.remove(room) > 0;
    const qint64 time = m_clock.steady().count();
    const auto it = m_toldAt.constFind(room);
    if (it != m_toldAt.cend() && time - *it < m_interval.count())
        return false;
    m_toldAt.insert(room, time);
    return true;
}

void TypingTracker::heard(const QString &room, const RoomMember &member, TypingState now)
{
    const auto key = std::pair(room, member.id);
    if (now == TypingState::Off) {
        if (m_writers.erase(key) > 0)
            Q_EMIT typingChanged(room, member, TypingState::Off);
        return;
    }
    const auto it = m_writers.find(key);
    if (it == m_writers.end() && m_writers.size() >= kMaxWriters)
        return;
    const bool isNew = it == m_writers.end();
    m_writers.insert_or_assign(key, Writer{member, m_clock.steady() + m_expiry});
    arm();
    if (isNew)
        Q_EMIT typingChanged(room, member, TypingState::On);
}

void TypingTracker::forgetRoom(const QString &room)
{
    m_toldAt.remove(room);
    std::erase_if(m_writers, [&room](const auto &each) { return each.first.first == room; });
}

void TypingTracker::connectionLost()
{
    m_toldAt.clear();
    const auto writers = std::exchange(m_writers, {});
    for (const auto &[key, writer] : writers)
        Q_EMIT typingChanged(key.first, writer.member, TypingState::Off);
}

void TypingTracker::expire()
{
    const auto now = m_clock.steady();
    std::vector<std::pair<QString, RoomMember>> over;
    for (auto it = m_writers.begin(); it != m_writers.end();) {
        if (it->second.until > now) {
            ++it;
            continue;
        }
        over.emplace_back(it->first.first, it->second.member);
        it = m_writers.erase(it);
    }
    arm();
    for (const auto &[room, member] : over)
        Q_EMIT typingChanged(room, member, TypingState::Off);
}

void TypingTracker::arm()
{
    if (m_writers.empty()) {
        m_timer.stop();
        return;
    }
    const auto next = std::min_element(m_writers.begin(), m_writers.end(), [](const auto &a, const auto &b) {
        return a.second.until < b.second.until;
    });
    m_timer.start(std::max(next->second.until - m_clock.steady(), std::chrono::milliseconds(1)));
}

} // namespace parlor
