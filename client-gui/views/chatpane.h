// SPDX-License-Identifier: MIT
#pragma once

#include <QWidget>

#include <chrono>
#include <optional>

class QLabel;
class QToolButton;

namespace parlor::gui {

class Composer;
class ElidedLabel;
class MessageModel;
class MessageView;
class TextBox;
class Theme;

/// The middle: the open room's head, its messages, who is typing, and the field to write in.
class ChatPane : public QWidget
{
    Q_OBJECT
public:
    /// The theme must outlive it.
    explicit ChatPane(Theme &theme, QWidget *parent = nullptr);

    /// Empty and null: no room is open.
    void setRoom(const QString &room, MessageModel *messages);
    /// nullopt: the server has not let us in.
    void setMemberCount(std::optional<quint64> count);
    void setTypingText(const QString &text);
    enum class Notice { Problem, Done };
    /// Shows above the composer what was refused or done, until the person closes it or says something new.
    void showNotice(const QString &text, Notice kind = Notice::Problem);
    /// A moderator's menu of the room.
    void setModerating(bool moderating);

    [[nodiscard]] MessageView &view() { return *m_view; }
    [[nodiscard]] Composer &composer() { return *m_composer; }

Q_SIGNALS:
    void leaveRequested(const QString &room);
    /// One message a person in so long; 0: as many as they like.
    void slowModeRequested(const QString &room, std::chrono::milliseconds interval);
    void membersToggled();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void applyTheme();
    void fillMenu();

    Theme &m_theme;
    QString m_room;
    QWidget *m_head;
    ElidedLabel *m_title;
    ElidedLabel *m_subtitle;
    QToolButton *m_more;
    bool m_moderating = false;
    MessageView *m_view;
    QLabel *m_typing;
    QWidget *m_notice;
    TextBox *m_noticeText;
    QToolButton *m_noticeClose;
    Composer *m_composer;
};

} // namespace parlor::gui
