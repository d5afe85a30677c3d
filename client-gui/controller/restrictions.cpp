// SPDX-License-Identifier: MIT
#include "client-gui/controller/restrictions.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/timeofday.h"

#include <QLocale>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr auto kSecond = 1s;
constexpr qsizetype kReasonCodePoints = 200;

QString momentOf(std::chrono::milliseconds wall, std::chrono::milliseconds now)
{
    const auto moment = QDateTime::fromMSecsSinceEpoch(wall.count());
    if (moment.date() == QDateTime::fromMSecsSinceEpoch(now.count()).date())
        return timeOfDay(moment);
    return Restrictions::tr("%1, %2").arg(QLocale().toString(moment.date(), QLocale::ShortFormat),
                                          timeOfDay(moment));
}

} // namespace

Restrictions::Restrictions(const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
{
    m_tick.setInterval(kSecond);
    connect(&m_tick, &QTimer::timeout, this, &Restrictions::update);
}

void Restrictions::apply(const ModerationNotice &notice)
{
    if (notice.action == QLatin1String("mute"))
        m_mutes.insert(notice.room, {notice.until, oneLine(notice.reason, kReasonCodePoints)});
    else if (notice.action == QLatin1String("unmute"))
        m_mutes.remove(notice.room);
    update();
}

void Restrictions::slowDown(const QString &room, std::chrono::milliseconds wait)
{
    m_slow.insert(room, m_clock.steady() + wait);
    update();
}

void Restrictions::clear()
{
    m_mutes.clear();
    m_slow.clear();
    update();
}

void Restrictions::update()
{
    m_mutes.removeIf([this](const auto &each) { return isOver(each.value()); });
    m_slow.removeIf([this](const auto &each) { return each.value() <= m_clock.steady(); });
    const bool someEnd = std::any_of(m_mutes.cbegin(), m_mutes.cend(),
                                     [](const Mute &each) { return each.until.has_value(); });
    if (m_slow.isEmpty() && !someEnd)
        m_tick.stop();
    else if (!m_tick.isActive())
        m_tick.start();
    Q_EMIT changed();
}

QString Restrictions::text(const QString &room) const
{
    for (const QString &scope : {QString(), room}) {
        const auto mute = m_mutes.constFind(scope);
        if (mute != m_mutes.cend() && !isOver(*mute))
            return textOf(*mute, scope);
    }
    const auto slow = m_slow.constFind(room);
    if (slow == m_slow.cend() || *slow <= m_clock.steady())
        return {};
    const auto left = std::chrono::ceil<std::chrono::seconds>(*slow - m_clock.steady());
    return tr("Slow mode: you can write again in %1 s.").arg(left.count());
}

QString Restrictions::textOf(const Mute &mute, const QString &room) const
{
    const QString where = room.isEmpty() ? tr("in all rooms") : tr("in #%1").arg(room);
    const QString what =
        mute.until ? tr("You are muted %1 until %2").arg(where, momentOf(*mute.until, m_clock.wall()))
                   : tr("You are muted %1").arg(where);
    return mute.reason.isEmpty() ? what + u'.' : tr("%1: %2").arg(what, mute.reason);
}

} // namespace parlor::gui
