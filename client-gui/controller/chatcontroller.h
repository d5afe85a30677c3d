// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/controller/deletions.h"
#include "client-gui/controller/joinedrooms.h"
#include "client-gui/controller/restrictions.h"
#include "client-gui/controller/signin.h"
#include "client-gui/models/connectionmodel.h"
#include "shared/client/chatclient.h"
#include "shared/client/recorder.h"

#include <QSslConfiguration>
#include <QTimer>

#include <memory>
#include <optional>

namespace parlor::gui {

class Settings;

/// Between the chat client and the views: on which server we are, as whom, and what the person wants done
/// there. Owned by main; knows no widget.
class ChatController : public QObject
{
    Q_OBJECT
public:
    /// Settings, store and keychain must outlive it.
    ChatController(Settings &settings, ClientStore &store, Keychain &keychain, const ClientOptions &options,
                   QObject *parent = nullptr);
    ~ChatController() override;

    /// How the desktop client reconnects: three quick attempts, then a check every half minute.
    [[nodiscard]] static ClientOptions desktopOptions();

    /// Which certificates to trust; from the next connectTo() on.
    void setTls(const QSslConfiguration &tls) { m_tls = tls; }

    // ---- what the person wants

    /// Joins the rooms that were joined there before, and `room`, which opens; if it is empty the room that
    /// was open there, else "general". Each shows what is kept of it. What was written for another server and
    /// would not be kept is given up: ask before (atRisk()).
    void connectTo(const QUrl &url, const QString &username, const QString &room = {});
    void disconnect();
    void retryNow();
    /// Forgets the token and leaves the server, as for another one: ask before (atRisk()).
    void signOut();
    /// Opens a room, and joins it if need be: what is typed on is for that room, also before the server lets
    /// us in. False: no room can have this name; the person was told.
    bool openRoom(const QString &room);
    /// Leaves a room. What was written there and is not sent yet is given up: ask before (unsentIn(),
    /// hasDraft()).
    void leaveRoom(const QString &room);
    /// Sends to the room that is open. The message is kept until the server has it.
    void send(const QString &text);
    void resend(const QString &cid);
    void discard(const QString &cid);
    /// Does what a moderator wants. `name`: of whom, as it is shown.
    void moderate(const ModerationAct &act, const QString &name = {});
    void setTyping(TypingState now);
    void setDraft(const QString &room, bool draft) { m_joined.setDraft(room, draft); }
    void changeName(const QString &username);
    /// Asks for older messages of the room that is open.
    void loadOlder() { m_joined.older().wantOlder(currentRoom()); }
    /// Asks for what is missing there above the row with this key.
    void loadGap(quint64 key) { m_joined.older().wantGap(currentRoom(), key); }
    /// Whether the person has the end of the open room before their eyes.
    void setWatching(bool watching) { m_joined.setWatching(watching); }
    /// The person sees these rows of the open room.
    void setSeen(int first, int last) { m_joined.setSeen(first, last); }
    /// The person says so of the open room.
    void markRead() { m_joined.markRead(); }
    void refreshRooms();

    // ---- what there is to see

    [[nodiscard]] ConnectionModel &connection() { return m_connection; }
    [[nodiscard]] SignIn &signIn() { return m_signIn; }
    [[nodiscard]] Deletions &deletions() { return m_deletions; }
    [[nodiscard]] Restrictions &restrictions() { return m_restrictions; }
    /// Whether the server lets us act on others.
    [[nodiscard]] bool isModerating() const { return m_role != SessionRole::Member; }
    [[nodiscard]] RoomListModel &rooms() { return m_joined.list(); }
    [[nodiscard]] MessageModel *messages(const QString &room) { return m_joined.messages(room); }
    [[nodiscard]] MemberListModel *members(const QString &room) { return m_joined.members(room); }
    [[nodiscard]] const QString &currentRoom() const { return m_joined.current(); }
    /// Our name, or the one that we asked for; empty: the server gives one.
    [[nodiscard]] const QString &username() const { return m_name; }
    [[nodiscard]] const QUrl &url() const { return m_client.url(); }
    /// There is a link, or one is being made.
    [[nodiscard]] bool isConnected() const;
    /// Who writes in a room, for people; empty: nobody.
    [[nodiscard]] QString typingText(const QString &room) const { return m_joined.typingText(room); }
    /// Messages that the server does not have.
    [[nodiscard]] qsizetype unsent() const { return m_store.outbox().entries().size(); }
    /// Those of them that end with the program, or when another server is chosen.
    [[nodiscard]] qsizetype atRisk() const { return m_store.outlivesProcess() ? 0 : unsent(); }
    [[nodiscard]] qsizetype unsentIn(const QString &room) const;
    /// Rooms where something is written and not sent.
    [[nodiscard]] qsizetype drafts() const { return m_joined.drafts().size(); }
    [[nodiscard]] bool hasDraft(const QString &room) const { return m_joined.drafts().contains(room); }

Q_SIGNALS:
    void currentRoomChanged(const QString &room);
    /// The open room closed without the person's doing; currentRoomChanged follows.
    void currentRoomLost(const QString &room);
    /// The person left it: nothing of it is kept.
    void roomLeft(const QString &room);
    /// All rooms are gone, and what was written for them.
    void serverLeft();
    void typingChanged(const QString &room);
    /// Messages came to the open room that were said while we were away, and nobody has seen any of them.
    void missedOnesCame();
    void usernameChanged(const QString &username);
    /// Something that the person wanted did not come about; `text` says what and why.
    void refused(const QString &text);
    /// Something that the person wanted has come about, and nothing else shows it.
    void done(const QString &text);
    void moderatingChanged(bool moderating);

private:
    void leaveServer();
    /// Connects with the account that is in use, to its rooms. `notices`: what the person should know by
    /// then.
    void enter(const QUrl &url, const QString &username, const QString &wanted, QStringList notices);
    /// The token is of somebody whose things are not those that are shown.
    void becomePerson(const SessionInfo &session);
    void setRole(SessionRole role);
    /// Whether what is written next will be kept: an empty outbox is in the file even while writing fails.
    [[nodiscard]] bool keepsWhatIsWritten() const
    {
        return m_store.outlivesProcess() && !m_store.isFailing();
    }
    void wireConnection();
    void wireRooms();
    void wireOutgoing();
    void wireModeration();
    void onRefused(const QString &room, const Refusal &refusal);
    void onRequestRefused(const QString &what, const Refusal &refusal);
    void onConnectionLost();
    void countUnsent();
    void setSelf();

    Settings &m_settings;
    ClientStore &m_store;
    ChatClient m_client;
    Recorder m_recorder;
    JoinedRooms m_joined;
    Deletions m_deletions;
    Restrictions m_restrictions;
    SignIn m_signIn;
    ConnectionModel m_connection;
    std::optional<QSslConfiguration> m_tls;
    QUrl m_server; ///< that the rooms are of
    QString m_name;
    QString m_asked; ///< the name that the person gave when they connected
    SessionRole m_role = SessionRole::Member;
    QHash<QString, QString> m_subjects; ///< name by user, of those on whom we act
    QString m_renewalProblem;           ///< that was told last
    QTimer m_directory;
    QList<RoomSummary> m_listed; ///< pages of the server's rooms so far
};

} // namespace parlor::gui
