// SPDX-License-Identifier: MIT
#pragma once

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

private:
    void updateCaption();

    QPointer<MemberListModel> m_members;
    QLabel *m_caption;
    RowList *m_list;
    QLabel *m_more;
};

} // namespace parlor::gui
