// SPDX-License-Identifier: MIT
#include "shared/client/moderation.h"

#include "shared/client/fromwire.h"

#include <array>

namespace parlor {

namespace {

/// In the order of ModerationAct::Action.
constexpr std::array<std::string_view, 6> kActions{"kick", "ban", "unban", "mute", "unmute", "slow"};

} // namespace

Moderation::Moderation(Requests &requests, QObject *parent)
    : QObject(parent)
    , m_requests(requests)
{
}

void Moderation::deleteMessage(const QString &room, quint64 seq, const QString &id)
{
    const std::string name = room.toStdString();
    const std::string message = id.toStdString();
    send(
        request::Delete{name, seq, message}, [] {},
        [this, room, id](const Refusal &refusal) { Q_EMIT deleteRefused(room, id, refusal); });
}

void Moderation::act(const ModerationAct &act)
{
    const std::string user = act.user.toStdString();
    const std::string network = act.network.toStdString();
    const std::string room = act.room.toStdString();
    const std::string reason = act.reason.toStdString();
    const auto given = [](const std::string &text) {
        return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
    };
    const auto action = kActions.at(static_cast<std::size_t>(act.action));
    send(
        request::Moderate{action, given(user), given(network), given(room), act.duration, act.interval,
                          given(reason)},
        [this, act] { Q_EMIT done(act); },
        [this, act](const Refusal &refusal) { Q_EMIT refused(act, refusal); });
}

void Moderation::send(const request::Body &body, const std::function<void()> &granted,
                      const std::function<void(const Refusal &)> &refused)
{
    if (!m_requests.isOpen()) {
        refused(Refusal{{}, tr("not connected; try again when the connection is back")});
        return;
    }
    m_requests.send(body, [granted, refused](const frame::Any *any) {
        if (!any)
            refused(fromwire::connectionLost());
        else if (const auto *error = std::get_if<frame::Error>(any))
            refused(fromwire::refusal(*error));
        else
            granted();
    });
}

} // namespace parlor
