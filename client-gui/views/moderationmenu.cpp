// SPDX-License-Identifier: MIT
#include "client-gui/views/moderationmenu.h"

#include <QCoreApplication>
#include <QMenu>

namespace parlor::gui {

namespace {

class ModerationMenu
{
    Q_DECLARE_TR_FUNCTIONS(parlor::gui::ModerationMenu)
};

} // namespace

void addModeration(QMenu &menu, const QString &user, const QString &room,
                   const std::function<void(const ModerationAct &)> &act)
{
    using namespace std::chrono_literals;
    using Action = ModerationAct::Action;
    using Text = ModerationMenu;
    QMenu *mute = menu.addMenu(Text::tr("Mute in #%1").arg(room));
    const std::pair<QString, std::optional<std::chrono::milliseconds>> choices[] = {
        {Text::tr("For 10 minutes"), 10min},
        {Text::tr("For 1 hour"), 1h},
        {Text::tr("For 1 day"), 24h},
        {Text::tr("For ever"), std::nullopt}};
    for (const auto &[text, duration] : choices)
        mute->addAction(text, &menu, [=, duration = duration] {
            act({.action = Action::Mute, .user = user, .room = room, .duration = duration});
        });
    menu.addAction(Text::tr("Unmute in #%1").arg(room), &menu,
                   [=] { act({.action = Action::Unmute, .user = user, .room = room}); });
    menu.addSeparator();
    menu.addAction(Text::tr("Kick…"), &menu, [=] { act({.action = Action::Kick, .user = user}); });
    menu.addAction(Text::tr("Ban…"), &menu, [=] { act({.action = Action::Ban, .user = user}); });
}

} // namespace parlor::gui
