// SPDX-License-Identifier: MIT
#include "client-gui/mainwindow.h"

#include "client-gui/controller/chatcontroller.h"
#include "client-gui/controller/settings.h"
#include "client-gui/look/theme.h"
#include "client-gui/models/harmless.h"
#include "client-gui/models/sentence.h"
#include "client-gui/views/askdialog.h"
#include "client-gui/views/chatpane.h"
#include "client-gui/views/composer.h"
#include "client-gui/views/connectdialog.h"
#include "client-gui/views/connectionbanner.h"
#include "client-gui/views/connectionstatus.h"
#include "client-gui/views/lossquestion.h"
#include "client-gui/views/memberpane.h"
#include "client-gui/views/messageinput.h"
#include "client-gui/views/messageview.h"
#include "client-gui/views/moderatedialog.h"
#include "client-gui/views/roompane.h"
#include "client-gui/views/signinpane.h"
#include "client-gui/views/textbox.h"
#include "client-gui/views/typedkey.h"
#include "shared/client/linkfailure.h"
#include "shared/client/personname.h"
#include "shared/client/serverurl.h"
#include "shared/protocol/values.h"

#include <QActionGroup>
#include <QApplication>
#include <QBoxLayout>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QKeyEvent>
#include <QMenuBar>
#include <QMessageBox>
#include <QSplitter>
#include <QStatusBar>

namespace parlor::gui {

namespace {

/// Narrower, and the member list makes room for the chat.
constexpr int kMembersFrom = 800;

QString sentence(const Error &error)
{
    return gui::sentence(QString::fromStdString(error.text));
}

} // namespace

MainWindow::MainWindow(ChatController &controller, Settings &settings, Theme &theme, QWidget *parent)
    : QMainWindow(parent)
    , m_controller(controller)
    , m_settings(settings)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("mainWindow"));
    setMinimumSize(480, 360);
    resize(1000, 700);
    makePanes();
    makeMenus();
    wire();
    restoreGeometry(m_settings.windowGeometry());
    if (!m_splitter->restoreState(m_settings.splitter()))
        m_splitter->setSizes({232, 560, 208});
    showRoom(m_controller.currentRoom());
    updateTitle();
    if (const QString problem = m_settings.problem(); !problem.isEmpty())
        m_chat->showNotice(problem);
}

void MainWindow::makePanes()
{
    m_banner = new ConnectionBanner(m_controller.connection(), m_theme);
    m_signIn = new SignInPane;
    m_rooms = new RoomPane(m_controller.rooms(), m_theme);
    m_chat = new ChatPane(m_theme);
    m_members = new MemberPane(m_theme);
    m_rooms->setMinimumWidth(160);
    m_chat->setMinimumWidth(280);
    m_members->setMinimumWidth(140);

    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setObjectName(QStringLiteral("panes"));
    m_splitter->setHandleWidth(1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_rooms);
    m_splitter->addWidget(m_chat);
    m_splitter->addWidget(m_members);
    m_splitter->setStretchFactor(1, 1);

    auto *central = new QWidget;
    auto *column = new QVBoxLayout(central);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_banner);
    column->addWidget(m_signIn);
    column->addWidget(m_splitter, 1);
    setCentralWidget(central);

    auto *status = new ConnectionStatus(m_controller.connection(), m_theme);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->addPermanentWidget(status, 1);
    statusBar()->setFixedHeight(34);
}

QAction *MainWindow::action(const QString &text, const QList<QKeySequence> &keys, std::function<void()> run)
{
    auto *made = new QAction(text, this);
    made->setShortcuts(keys);
    connect(made, &QAction::triggered, this, [run = std::move(run)] { run(); });
    return made;
}

void MainWindow::makeMenus()
{
    const auto open = [this](const QString &room) {
        if (!room.isEmpty())
            m_controller.openRoom(room);
    };
    QMenu *server = menuBar()->addMenu(tr("&Server"));
    server->addAction(action(tr("&Connect…"), {QKeySequence(tr("Ctrl+O"))}, [this] { showConnectDialog(); }));
    server->addAction(
        action(tr("&Reconnect now"), {QKeySequence(tr("Ctrl+F5"))}, [this] { m_controller.retryNow(); }));
    server->addAction(action(tr("&Disconnect"), {}, [this] { m_controller.disconnect(); }));
    QAction *out = action(tr("Sign &out"), {}, [this] { signOut(); });
    const SignIn &signIn = m_controller.signIn();
    const auto update = [out, &signIn] { out->setEnabled(signIn.canSignOut()); };
    connect(&signIn, &SignIn::canSignOutChanged, out, update);
    update();
    server->addAction(out);
    server->addSeparator();
    server->addAction(action(tr("Change your &name…"), {}, [this] { askForName(); }));
    server->addSeparator();
    server->addAction(action(tr("&Quit"), {QKeySequence(QKeySequence::Quit)}, [this] { close(); }));

    QMenu *room = menuBar()->addMenu(tr("&Room"));
    room->addAction(action(tr("&Join a room…"), {QKeySequence(tr("Ctrl+J"))}, [this] { askForRoom(); }));
    room->addAction(action(tr("&Leave this room"), {}, [this] {
        if (!m_controller.currentRoom().isEmpty())
            leaveRoom(m_controller.currentRoom());
    }));
    room->addSeparator();
    room->addAction(
        action(tr("&Find a room"), {QKeySequence(tr("Ctrl+K"))}, [this] { m_rooms->focusFilter(); }));
    room->addAction(action(tr("&Previous room"), {QKeySequence(tr("Alt+Up"))},
                           [this, open] { open(m_rooms->neighbour(-1)); }));
    room->addAction(action(tr("&Next room"), {QKeySequence(tr("Alt+Down"))},
                           [this, open] { open(m_rooms->neighbour(1)); }));
    room->addAction(action(tr("Previous &unread room"), {QKeySequence(tr("Alt+Shift+Up"))},
                           [this, open] { open(m_rooms->nextUnread(-1)); }));
    room->addAction(action(tr("Next un&read room"), {QKeySequence(tr("Alt+Shift+Down"))},
                           [this, open] { open(m_rooms->nextUnread(1)); }));

    QMenu *edit = menuBar()->addMenu(tr("&Edit"));
    edit->addAction(action(tr("&Write a message"), {QKeySequence(tr("Ctrl+M"))}, [this] { writeOn(); }));
    edit->addAction(action(tr("To the first ne&w message"), {QKeySequence(tr("Alt+Home"))},
                           [this] { m_chat->view().scrollToUnread(); }));
    edit->addAction(action(tr("To the &newest message"), {QKeySequence(tr("Ctrl+End"))},
                           [this] { m_chat->view().scrollToEnd(); }));
    edit->addAction(action(tr("&Mark as read"), {QKeySequence(tr("Esc"))}, [this] {
        m_controller.markRead();
        m_chat->view().scrollToEnd();
        writeOn();
    }));

    QMenu *view = menuBar()->addMenu(tr("&View"));
    auto *schemes = new QActionGroup(this);
    const std::tuple<QString, Scheme> choices[] = {
        {tr("As the &system"), Scheme::System}, {tr("&Light"), Scheme::Light}, {tr("&Dark"), Scheme::Dark}};
    for (const auto &[text, scheme] : choices) {
        QAction *choice = action(text, {}, [this, scheme = scheme] {
            m_settings.setScheme(scheme);
            m_theme.setScheme(scheme);
        });
        choice->setCheckable(true);
        choice->setChecked(m_theme.scheme() == scheme);
        schemes->addAction(choice);
        view->addAction(choice);
    }
    view->addSeparator();
    QAction *members = action(tr("&Members"), {QKeySequence(tr("Ctrl+Shift+U"))}, [] {});
    members->setCheckable(true);
    members->setChecked(true);
    connect(members, &QAction::toggled, this, [this](bool on) {
        m_showMembers = on;
        updatePanes();
    });
    connect(m_chat, &ChatPane::membersToggled, members, &QAction::toggle);
    view->addAction(members);

    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(action(tr("&About Parlor"), {}, [this] {
        auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Parlor"),
                                    tr("Parlor %1, a chat client in C++ and Qt %2. MIT licence.")
                                        .arg(QStringLiteral(PARLOR_VERSION), QString::fromLatin1(qVersion())),
                                    QMessageBox::Close, this);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    }));
}

void MainWindow::wire()
{
    connect(m_banner, &ConnectionBanner::retryRequested, &m_controller, &ChatController::retryNow);
    connect(m_banner, &ConnectionBanner::cancelRequested, &m_controller, &ChatController::disconnect);
    connect(m_banner, &ConnectionBanner::focusGivenUp, this, &MainWindow::writeOn);
    connect(m_banner, &ConnectionBanner::connectRequested, this, [this] { showConnectDialog(); });

    SignIn &signIn = m_controller.signIn();
    connect(&signIn, &SignIn::promptChanged, this, &MainWindow::updateSignIn);
    connect(m_signIn, &SignInPane::tokenGiven, &signIn,
            [&signIn](const QString &token, SignInPane::Keep keep) {
                signIn.give(token, keep == SignInPane::Keep::OnThisComputer ? SignIn::Keep::InKeychain
                                                                            : SignIn::Keep::WhileItRuns);
            });
    connect(m_signIn, &SignInPane::retryRequested, &m_controller, &ChatController::retryNow);
    connect(m_signIn, &SignInPane::focusGivenUp, this, &MainWindow::writeOn);

    connect(m_rooms, &RoomPane::roomChosen, &m_controller, &ChatController::openRoom);
    connect(m_rooms, &RoomPane::writingWanted, this, &MainWindow::writeOn);
    connect(m_rooms, &RoomPane::leaveRequested, this, &MainWindow::leaveRoom);
    connect(m_rooms, &RoomPane::joinRequested, this, &MainWindow::askForRoom);
    connect(m_chat, &ChatPane::leaveRequested, this, &MainWindow::leaveRoom);

    Composer &composer = m_chat->composer();
    connect(&composer, &Composer::sendRequested, this, [this](const QString &text) {
        m_chat->view().scrollToEnd(); // first: the line of what is new moves, and the view would go with it
        m_controller.send(text);
    });
    connect(&composer, &Composer::typing, this,
            [this](bool on) { m_controller.setTyping(on ? TypingState::On : TypingState::Off); });
    connect(&composer, &Composer::draftChanged, &m_controller, &ChatController::setDraft);

    MessageView &view = m_chat->view();
    connect(&view, &MessageView::olderWanted, &m_controller, &ChatController::loadOlder);
    connect(&view, &MessageView::gapWanted, &m_controller, &ChatController::loadGap);
    connect(&view, &MessageView::resendRequested, &m_controller, &ChatController::resend);
    connect(&view, &MessageView::discardRequested, &m_controller, &ChatController::discard);
    connect(&view, &MessageView::deleteRequested, this,
            [this](quint64 key) { m_controller.deletions().begin(m_controller.currentRoom(), key); });
    connect(&view, &MessageView::keepRequested, this,
            [this](quint64 key) { m_controller.deletions().undo(m_controller.currentRoom(), key); });
    connect(&view, &MessageView::moderationRequested, this, &MainWindow::moderate);
    connect(m_members, &MemberPane::moderationRequested, this, &MainWindow::moderate);
    connect(m_chat, &ChatPane::slowModeRequested, &m_controller,
            [this](const QString &room, std::chrono::milliseconds interval) {
                m_controller.moderate(
                    {.action = ModerationAct::Action::Slow, .room = room, .interval = interval});
            });
    connect(&m_controller, &ChatController::moderatingChanged, m_chat, &ChatPane::setModerating);
    connect(&m_controller, &ChatController::moderatingChanged, m_members, &MemberPane::setModerating);
    connect(&m_controller.restrictions(), &Restrictions::changed, this, &MainWindow::updateBlocked);
    connect(&view, &MessageView::linkActivated, this,
            [](const QUrl &url) { QDesktopServices::openUrl(url); });
    connect(&view, &MessageView::settledDown, this, &MainWindow::updateWatching);
    connect(&view, &MessageView::rowsSeen, this, [this](int first, int last) {
        if (isActiveWindow())
            m_controller.setSeen(first, last);
    });
    connect(&m_controller, &ChatController::missedOnesCame, &view, [&view] {
        if (view.isAtBottom())
            view.holdUnread();
    });

    connect(&m_controller, &ChatController::currentRoomChanged, this, &MainWindow::showRoom);
    connect(&m_controller, &ChatController::roomLeft, &composer, &Composer::forgetRoom);
    connect(&m_controller, &ChatController::serverLeft, &composer, &Composer::forgetAll);
    // What is typed on must not land in the room that opens instead.
    connect(&m_controller, &ChatController::currentRoomLost, this, [this] {
        if (!m_chat->composer().input().hasFocus())
            return;
        m_chat->view().setFocus(Qt::OtherFocusReason);
        m_lostRoom = true;
    });
    const auto chosen = [this] { m_lostRoom = false; };
    connect(&view, &QAbstractItemView::pressed, this, chosen);
    connect(&composer.input(), &MessageInput::focusChanged, this, chosen);
    connect(m_rooms, &RoomPane::roomChosen, this, chosen);
    connect(&m_controller, &ChatController::refused, this, &MainWindow::showNotice);
    connect(&m_controller, &ChatController::done, m_chat,
            [this](const QString &text) { m_chat->showNotice(text, ChatPane::Notice::Done); });
    connect(&m_controller, &ChatController::typingChanged, this, [this](const QString &room) {
        if (room == m_controller.currentRoom())
            m_chat->setTypingText(m_controller.typingText(room));
    });
    RoomListModel &rooms = m_controller.rooms();
    for (const auto changed : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&rooms, changed, this, &MainWindow::updateTitle);
    connect(&rooms, &QAbstractItemModel::dataChanged, this, &MainWindow::updateTitle);
    connect(qApp, &QGuiApplication::applicationStateChanged, this, &MainWindow::updateWatching);
}

// ---- servers

void MainWindow::connectTo(const QString &address, const QString &username, const QString &room)
{
    const auto url = parseServerUrl(address);
    if (!url) {
        m_settings.setServer(address);
        m_settings.setUsername(username);
        showConnectDialog(ConnectProblem{ConnectProblem::Field::Server, sentence(url.error())});
        return;
    }
    if (!username.isEmpty()) {
        if (const auto checked = values::username(username.toStdString()); !checked) {
            m_settings.setServer(address);
            m_settings.setUsername(username);
            showConnectDialog(ConnectProblem{ConnectProblem::Field::Name, sentence(checked.error())});
            return;
        }
    }
    enterServer(address, *url, username, room);
}

void MainWindow::showConnectDialog(const std::optional<ConnectProblem> &problem)
{
    if (auto *open = findChild<ConnectDialog *>()) {
        open->raise();
        return;
    }
    // The name that the person asked for: what the server made of it finds nothing at the next start.
    auto *dialog = new ConnectDialog(m_settings.server(), m_settings.username(), this);
    connect(dialog, &ConnectDialog::chosen, this,
            [this](const QString &address, const QUrl &url, const QString &username) {
                const Loss loss{m_controller.atRisk(), m_controller.drafts()};
                if (loss.count() == 0 || url == m_controller.url()) {
                    enterServer(address, url, username, {});
                    return;
                }
                ask(new LossQuestion(tr("Leave this server?"), loss, displayHost(m_controller.url()),
                                     LossQuestion::Act::Leave, this),
                    [this, address, url, username] { enterServer(address, url, username, {}); });
            });
    dialog->open();
    if (problem)
        dialog->showProblem(problem->text, problem->field == ConnectProblem::Field::Server
                                               ? ConnectDialog::Field::Server
                                               : ConnectDialog::Field::Name);
}

void MainWindow::ask(LossQuestion *question, std::function<void()> then)
{
    connect(question, &QDialog::accepted, this, [then = std::move(then)] { then(); });
    question->open();
}

void MainWindow::enterServer(const QString &address, const QUrl &url, const QString &username,
                             const QString &room)
{
    m_controller.connectTo(url, username, room); // first: what is kept gets the name before the settings do
    m_settings.setServer(address);
    m_settings.setUsername(username);
    m_chat->composer().setFocus();
}

// ---- rooms

void MainWindow::leaveRoom(const QString &room)
{
    const Loss loss{m_controller.unsentIn(room), m_controller.hasDraft(room) ? 1 : 0};
    if (loss.count() == 0) {
        m_controller.leaveRoom(room);
        return;
    }
    ask(new LossQuestion(tr("Leave #%1?").arg(oneLine(room)), loss, tr("#%1").arg(oneLine(room)),
                         LossQuestion::Act::Leave, this),
        [this, room] { m_controller.leaveRoom(room); });
}

void MainWindow::signOut()
{
    const Loss loss{m_controller.atRisk(), m_controller.drafts()};
    if (loss.count() == 0) {
        m_controller.signOut();
        return;
    }
    ask(new LossQuestion(tr("Sign out?"), loss, displayHost(m_controller.url()), LossQuestion::Act::Leave,
                         this),
        [this] { m_controller.signOut(); });
}

void MainWindow::moderate(const ModerationAct &act, const QString &name)
{
    const bool asks = act.action == ModerationAct::Action::Kick || act.action == ModerationAct::Action::Ban;
    if (!asks) {
        m_controller.moderate(act, name);
        return;
    }
    auto *dialog = new ModerateDialog(act, name, this);
    connect(dialog, &ModerateDialog::decided, this,
            [this, name](const ModerationAct &decided) { m_controller.moderate(decided, name); });
    dialog->open();
}

void MainWindow::showRoom(const QString &room)
{
    m_chat->setRoom(room, m_controller.messages(room));
    disconnect(m_memberCount); // of the room that was open before
    updateBlocked();
    MemberListModel *members = m_controller.members(room);
    m_members->setRoom(room);
    m_members->setMembers(members);
    if (members) {
        const auto count = [this, members] {
            m_chat->setMemberCount(members->isKnown() ? std::optional(members->count()) : std::nullopt);
        };
        m_memberCount = connect(members, &MemberListModel::countChanged, m_chat, count);
        count();
    }
    m_chat->setTypingText(m_controller.typingText(room));
    m_rooms->setCurrentRoom(room);
    updatePanes();
    updateTitle();
    updateWatching();
}

void MainWindow::askForRoom()
{
    QStringList known;
    for (int row = 0; row < m_controller.rooms().rowCount(); ++row)
        known.append(m_controller.rooms().index(row).data(RoomListModel::NameRole).toString());
    auto *dialog = new AskDialog({.title = tr("Join a room"),
                                  .label = tr("Room"),
                                  .accept = tr("Join"),
                                  .suggestions = known,
                                  .problemWith =
                                      [](const QString &text) {
                                          const auto checked = values::roomName(text.toStdString());
                                          return checked ? QString() : sentence(checked.error());
                                      }},
                                 this);
    connect(dialog, &AskDialog::answered, &m_controller, &ChatController::openRoom);
    connect(dialog, &QDialog::finished, this, &MainWindow::writeOn);
    dialog->open();
}

void MainWindow::askForName()
{
    auto *dialog =
        new AskDialog({.title = tr("Change your name"),
                       .label = tr("Your name"),
                       .value = isGuest(m_controller.username()) ? QString() : m_controller.username(),
                       .accept = tr("Change"),
                       .problemWith =
                           [](const QString &text) {
                               const auto checked = values::username(text.toStdString());
                               return checked ? QString() : sentence(checked.error());
                           }},
                      this);
    connect(dialog, &AskDialog::answered, &m_controller, &ChatController::changeName);
    dialog->open();
}

// ---- the window

void MainWindow::updateTitle()
{
    const QString &room = m_controller.currentRoom();
    const int unread = m_controller.rooms().totalUnread();
    QString title = room.isEmpty() ? tr("Parlor") : tr("#%1 – Parlor").arg(oneLine(room));
    if (unread > 0)
        title = tr("(%1) %2").arg(unread).arg(title);
    setWindowTitle(title);
}

void MainWindow::updateWatching()
{
    m_controller.setWatching(isActiveWindow() && m_chat->view().isAtBottom());
}

void MainWindow::writeOn()
{
    m_chat->composer().setFocus(Qt::OtherFocusReason);
}

void MainWindow::keyPressEvent(QKeyEvent *event)
{
    MessageInput &input = m_chat->composer().input();
    const bool paste = event->matches(QKeySequence::Paste);
    if (!input.isEnabled() || m_lostRoom || (!paste && !isTyped(*event))) {
        QMainWindow::keyPressEvent(event);
        return;
    }
    writeOn();
    QCoreApplication::sendEvent(&input, event);
    event->accept(); // else it would come here again
}

void MainWindow::updatePanes()
{
    m_members->setVisible(m_showMembers && width() >= kMembersFrom && !m_controller.currentRoom().isEmpty());
}

void MainWindow::updateSignIn()
{
    const bool begins = m_signIn->isHidden();
    m_signIn->setPrompt(m_controller.signIn().prompt());
    // Who writes writes on.
    if (begins && !m_signIn->isHidden() && m_chat->composer().input().document()->isEmpty())
        m_signIn->takeFocus();
}

void MainWindow::updateBlocked()
{
    const QString &room = m_controller.currentRoom();
    m_chat->composer().setBlocked(room.isEmpty() ? QString() : m_controller.restrictions().text(room));
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ActivationChange) {
        updateWatching();
        m_chat->view().tellSeen();
    }
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    updatePanes();
    for (QWidget *each : findChildren<TextBox *>()) // their share of the window is another one
        each->updateGeometry();
    m_chat->composer().input().updateGeometry();
}

void MainWindow::showNotice(const QString &text)
{
    m_chat->showNotice(text);
}

void MainWindow::closeNow()
{
    m_quitting = true;
    close();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_settings.setWindowGeometry(saveGeometry());
    m_settings.setSplitter(m_splitter->saveState());
    if (const Loss loss{m_controller.atRisk(), m_controller.drafts()}; loss.count() > 0 && !m_quitting) {
        event->ignore();
        if (findChild<QuestionDialog *>() == nullptr)
            ask(new LossQuestion(tr("Quit now?"), loss, displayHost(m_controller.url()),
                                 LossQuestion::Act::Quit, this),
                [this] { closeNow(); });
        return;
    }
    m_controller.disconnect();
    QMainWindow::closeEvent(event);
}

} // namespace parlor::gui
