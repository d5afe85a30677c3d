// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/theme.h"
#include "client-gui/views/anchoredlist.h"
#include "shared/client/moderation.h"

#include <QUrl>

namespace parlor::gui {

class MessageDelegate;
class NewMessagesButton;

/// A room's messages: reading, selecting, copying, and what a person decides about one. It changes nothing
/// itself; it says what is wanted.
class MessageView : public AnchoredList
{
    Q_OBJECT
public:
    explicit MessageView(Theme &theme, QWidget *parent = nullptr);

    /// Shows a room's messages; null: none. The place where the person reads is remembered for each room.
    void setMessages(MessageModel *messages) { showMessages(messages); }
    /// A moderator's menu. `room`: whose messages these are.
    void setModerating(bool moderating) { m_moderating = moderating; }
    void setRoom(const QString &room) { m_room = room; }
    /// Copies the selected messages to the clipboard, one a line.
    void copySelection() const;

    [[nodiscard]] const LayoutCache &layoutCache() const;

Q_SIGNALS:
    void linkActivated(const QUrl &url);
    void resendRequested(const QString &cid);
    void discardRequested(const QString &cid);
    /// Delete for everybody the message in the row with this key; and not to do it after all.
    void deleteRequested(quint64 key);
    void keepRequested(quint64 key);
    /// `name`: of whom, as it is shown.
    void moderationRequested(const parlor::ModerationAct &act, const QString &name);

protected:
    bool event(QEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    /// Something in a row that reacts.
    struct Target
    {
        QPersistentModelIndex index;
        MessageLayout::Hit hit;
        bool operator==(const Target &) const = default;
    };
    MessageView(Theme &theme, MessageDelegate *delegate, QWidget *parent);
    [[nodiscard]] Target targetAt(const QPoint &point) const;
    void setHot(const Target &target);
    void activate(const Target &target);
    /// Does for this row what Enter does. False: nothing.
    bool activateRow(const QModelIndex &index);
    void fold(const QModelIndex &index);
    void selectText(const QModelIndex &index);
    [[nodiscard]] QString toolTipAt(const QPoint &point) const;
    void updateButtons();
    void placeButtons();
    void restyle();

    Theme &m_theme;
    MessageDelegate *m_delegate; // a child
    NewMessagesButton *m_newMessages;
    NewMessagesButton *m_unreadAbove;
    Target m_hot;
    Target m_pressed;
    QString m_room;
    bool m_moderating = false;
};

} // namespace parlor::gui
