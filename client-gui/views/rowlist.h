// SPDX-License-Identifier: MIT
#pragma once

#include <QListView>

namespace parlor::gui {

/// A list at the side of the chat: one column of rows of the same height. It does not search by letters,
/// which belong to the message that somebody writes: the window passes them on.
class RowList : public QListView
{
    Q_OBJECT
public:
    explicit RowList(QWidget *parent = nullptr);

protected:
    void keyPressEvent(QKeyEvent *event) override;
};

} // namespace parlor::gui
