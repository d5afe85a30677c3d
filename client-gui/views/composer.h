// SPDX-License-Identifier: MIT
#pragma once

#include <QFrame>
#include <QHash>

class QLabel;
class QPushButton;

namespace parlor::gui {

class MessageInput;

/// The field at the chat's foot: what is written, a count when it gets long, and Send. What is not sent yet
/// belongs to its room and waits there.
class Composer : public QFrame
{
    Q_OBJECT
public:
    explicit Composer(QWidget *parent = nullptr);

    /// Empty: no room is open, and nothing can be written.
    void setRoom(const QString &room);
    /// Why nothing can be sent now; empty: it can. What is written stays.
    void setBlocked(const QString &why);
    void forgetRoom(const QString &room) { m_drafts.remove(room); }
    void forgetAll() { m_drafts.clear(); }
    [[nodiscard]] MessageInput &input() { return *m_input; }

Q_SIGNALS:
    void sendRequested(const QString &text);
    /// `on`: the person writes; false: what was written was sent or deleted.
    void typing(bool on);
    void draftChanged(const QString &room, bool draft);

private:
    void submit();
    void textChanged();
    [[nodiscard]] bool isBlocked() const;
    [[nodiscard]] bool canSend() const;

    MessageInput *m_input;
    QLabel *m_blocked;
    QLabel *m_count;
    QPushButton *m_send;
    QString m_room;
    QHash<QString, QString> m_drafts;
    bool m_switching = false;
};

} // namespace parlor::gui
