// SPDX-License-Identifier: MIT
#pragma once

#include "shared/client/moderation.h"

#include <QMainWindow>
#include <QUrl>

#include <functional>
#include <optional>

class QAction;
class QSplitter;

namespace parlor::gui {

class ChatController;
class ChatPane;
class ConnectionBanner;
class LossQuestion;
class MemberPane;
class RoomPane;
class Settings;
class SignInPane;
class Theme;

/// The window: puts the panes together and turns menus and keys into wishes to the controller. Owned by main.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// All three must outlive it.
    MainWindow(ChatController &controller, Settings &settings, Theme &theme, QWidget *parent = nullptr);

    /// Connects to the address as a person writes it, or says in the connect dialog what is wrong with it.
    void connectTo(const QString &address, const QString &username, const QString &room);
    /// What is wrong with one of the connect dialog's fields: the dialog says it as it opens.
    struct ConnectProblem
    {
        enum class Field { Server, Name } field = Field::Server;
        QString text;
    };
    void showConnectDialog(const std::optional<ConnectProblem> &problem = {});
    /// Shows a notice above the message input until the person closes it.
    void showNotice(const QString &text);
    /// Closes without a question: for those who end the process from outside.
    void closeNow();

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    /// What no widget took.
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void makePanes();
    void makeMenus();
    void wire();
    void enterServer(const QString &address, const QUrl &url, const QString &username, const QString &room);
    /// Runs `then` if the person agrees.
    void ask(LossQuestion *question, std::function<void()> then);
    void leaveRoom(const QString &room);
    void signOut();
    void moderate(const ModerationAct &act, const QString &name);
    void showRoom(const QString &room);
    void askForRoom();
    void askForName();
    void writeOn();
    void updateTitle();
    void updateWatching();
    void updatePanes();
    void updateSignIn();
    void updateBlocked();
    QAction *action(const QString &text, const QList<QKeySequence> &keys, std::function<void()> run);

    ChatController &m_controller;
    Settings &m_settings;
    Theme &m_theme;
    ConnectionBanner *m_banner;
    SignInPane *m_signIn;
    QSplitter *m_splitter;
    RoomPane *m_rooms;
    ChatPane *m_chat;
    MemberPane *m_members;
    QMetaObject::Connection m_memberCount;
    bool m_showMembers = true;
    bool m_quitting = false;
    bool m_lostRoom = false; ///< who typed in it has not chosen where to write on
};

} // namespace parlor::gui
