// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

#include <QPointer>
#include <QWidget>

class QLabel;

namespace parlor::gui {

class MemberListModel;
class RowList;
class Theme;

/// The right side: who is in the room that is open.
class MemberPane : public QWidget
{
    Q_OBJECT
public:
    /// The theme must outlive it.
    explicit MemberPane(Theme &theme, QWidget *parent = nullptr);

    /// Null: no room is open.
    void setMembers(MemberListModel *members);
    /// A moderator's menu. `room`: whose members these are.
    void setModerating(bool moderating) { m_moderating = moderating; }
    void setRoom(const QString &room) { m_room = room; }

Q_SIGNALS:
    /// `name`: of whom, as it is shown.
    void moderationRequested(const parlor::ModerationAct &act, const QString &name);

private:
    void updateCaption();
    void showMenu(const QPoint &at);

    QPointer<MemberListModel> m_members;
    QLabel *m_caption;
    RowList *m_list;
    QLabel *m_more;
    QString m_room;
    bool m_moderating = false;
};

} // namespace parlor::gui
