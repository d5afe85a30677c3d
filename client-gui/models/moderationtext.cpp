// SPDX-License-Identifier: MIT
#include "client-gui/models/moderationtext.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/sentence.h"

#include <QCoreApplication>

namespace parlor::gui {

namespace {

class ModerationText
{
    Q_DECLARE_TR_FUNCTIONS(parlor::gui::ModerationText)
};

using Action = ModerationAct::Action;

} // namespace

QString doneText(const ModerationAct &act, const QString &name)
{
    switch (act.action) {
    case Action::Kick:
        return ModerationText::tr("%1 was kicked.").arg(name);
    case Action::Ban:
        return ModerationText::tr("%1 is banned.").arg(name);
    case Action::Unban:
        return ModerationText::tr("%1 is not banned any more.").arg(name);
    case Action::Mute:
        return ModerationText::tr("%1 is muted in #%2.").arg(name, act.room);
    case Action::Unmute:
        return ModerationText::tr("%1 is not muted in #%2.").arg(name, act.room);
    case Action::Slow:
        break;
    }
    if (!act.interval || act.interval->count() == 0)
        return ModerationText::tr("Slow mode is off in #%1.").arg(act.room);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*act.interval);
    return ModerationText::tr("Slow mode is on in #%1: everybody writes once in %2 s.")
        .arg(act.room, QString::number(seconds.count()));
}

QString refusedText(const ModerationAct &act, const QString &name, const Refusal &refusal)
{
    const QString why = sentence(oneLine(refusal.text));
    switch (act.action) {
    case Action::Kick:
        return ModerationText::tr("%1 was not kicked: %2").arg(name, why);
    case Action::Ban:
        return ModerationText::tr("%1 was not banned: %2").arg(name, why);
    case Action::Unban:
        return ModerationText::tr("%1 is still banned: %2").arg(name, why);
    case Action::Mute:
        return ModerationText::tr("%1 was not muted: %2").arg(name, why);
    case Action::Unmute:
        return ModerationText::tr("%1 was not unmuted: %2").arg(name, why);
    case Action::Slow:
        break;
    }
    return ModerationText::tr("Slow mode was not changed in #%1: %2").arg(act.room, why);
}

} // namespace parlor::gui
