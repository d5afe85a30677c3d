// SPDX-License-Identifier: MIT
#include "client-gui/views/chatpane.h"

#include "client-gui/look/theme.h"
#include "client-gui/models/harmless.h"
#include "client-gui/models/messagemodel.h"
#include "client-gui/views/composer.h"
#include "client-gui/views/elidedlabel.h"
#include "client-gui/views/messageinput.h"
#include "client-gui/views/messageview.h"
#include "client-gui/views/restyle.h"
#include "client-gui/views/textbox.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>

namespace parlor::gui {

namespace {

constexpr int kHead = 64;
/// In windows lower than kLowWindow.
constexpr int kLowHead = 40;
constexpr int kLowWindow = 420;

} // namespace

ChatPane::ChatPane(Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_head(new QWidget)
    , m_title(new ElidedLabel)
    , m_subtitle(new ElidedLabel)
    , m_more(new QToolButton)
    , m_view(new MessageView(theme))
    , m_typing(new QLabel)
    , m_notice(new QWidget)
    , m_noticeText(new TextBox(TextBox::Place::Window))
    , m_noticeClose(new QToolButton)
    , m_composer(new Composer)
{
    setObjectName(QStringLiteral("chatPane"));
    m_title->setObjectName(QStringLiteral("roomTitle"));
    m_title->setProperty("look", QStringLiteral("title"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_subtitle->setObjectName(QStringLiteral("roomSubtitle"));
    m_subtitle->setProperty("look", QStringLiteral("muted"));
    m_more->setObjectName(QStringLiteral("roomMenuButton"));
    m_more->setAccessibleName(tr("Room menu"));
    m_more->setToolTip(tr("Room menu"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(new QMenu(m_more));
    fillMenu();

    m_head->setObjectName(QStringLiteral("chatHead"));
    m_head->setAttribute(Qt::WA_StyledBackground);
    auto *headRow = new QHBoxLayout(m_head);
    headRow->setContentsMargins(24, 0, 20, 0);
    headRow->setSpacing(12);
    headRow->addWidget(m_title);
    headRow->addWidget(m_subtitle, 1);
    headRow->addWidget(m_more);

    m_view->setObjectName(QStringLiteral("messageView"));
    m_view->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored); // it gets what is left
    m_view->setMinimumHeight(1);
    m_typing->setObjectName(QStringLiteral("typingText"));
    m_typing->setProperty("look", QStringLiteral("small"));
    m_typing->setTextFormat(Qt::PlainText);
    m_typing->setFixedHeight(20);
    m_typing->setContentsMargins(48, 0, 0, 0);

    m_notice->setObjectName(QStringLiteral("notice"));
    m_notice->setAttribute(Qt::WA_StyledBackground);
    m_noticeText->label().setObjectName(QStringLiteral("noticeText"));
    m_noticeText->label().setAccessibleName(tr("Notice"));
    m_noticeClose->setAccessibleName(tr("Close this message"));
    m_noticeClose->setObjectName(QStringLiteral("noticeClose"));
    auto *noticeRow = new QHBoxLayout(m_notice);
    noticeRow->setContentsMargins(14, 8, 8, 8);
    noticeRow->addWidget(m_noticeText, 1);
    noticeRow->addWidget(m_noticeClose, 0, Qt::AlignTop);
    m_notice->hide();
    connect(m_noticeClose, &QToolButton::clicked, m_notice, &QWidget::hide);

    auto *foot = new QVBoxLayout;
    foot->setContentsMargins(24, 0, 24, 16);
    foot->setSpacing(6);
    foot->addWidget(m_typing);
    foot->addWidget(m_notice);
    foot->addWidget(m_composer);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_head);
    column->addWidget(m_view, 1);
    column->addLayout(foot);

    connect(m_composer, &Composer::sendRequested, m_notice, &QWidget::hide);
    connect(&m_composer->input(), &MessageInput::scrollKeyPressed, this, [this](int key) {
        QScrollBar *bar = m_view->verticalScrollBar();
        bar->setValue(bar->value() + (key == Qt::Key_PageUp ? -1 : 1) * bar->pageStep());
    });
    connect(&theme, &Theme::changed, this, &ChatPane::applyTheme);
    applyTheme();
    setRoom({}, nullptr);
}

void ChatPane::fillMenu()
{
    using namespace std::chrono_literals;
    QMenu &menu = *m_more->menu();
    menu.clear();
    menu.addAction(tr("Show or hide members"), this, &ChatPane::membersToggled);
    if (m_moderating) {
        QMenu *slow = menu.addMenu(tr("Slow mode: one message a person in"));
        const std::pair<QString, std::chrono::milliseconds> choices[] = {{tr("Off"), 0ms},
                                                                         {tr("5 seconds"), 5s},
                                                                         {tr("30 seconds"), 30s},
                                                                         {tr("1 minute"), 1min},
                                                                         {tr("5 minutes"), 5min}};
        for (const auto &[text, interval] : choices)
            slow->addAction(text, this, [this, interval = interval] {
                if (!m_room.isEmpty())
                    Q_EMIT slowModeRequested(m_room, interval);
            });
    }
    menu.addSeparator();
    menu.addAction(tr("Leave this room"), this, [this] {
        if (!m_room.isEmpty())
            Q_EMIT leaveRequested(m_room);
    });
}

void ChatPane::setModerating(bool moderating)
{
    m_view->setModerating(moderating);
    if (std::exchange(m_moderating, moderating) != moderating)
        fillMenu();
}

void ChatPane::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_head->setFixedHeight(window()->height() < kLowWindow ? kLowHead : kHead);
}

void ChatPane::applyTheme()
{
    const QColor muted = m_theme.tokens().muted;
    m_more->setIcon(Theme::icon(QStringLiteral("more"), muted));
    const bool isGood = m_notice->property("mood").toString() == QLatin1String("good");
    m_noticeClose->setIcon(
        Theme::icon(QStringLiteral("close"), isGood ? m_theme.tokens().accent : m_theme.tokens().error));
}

void ChatPane::setRoom(const QString &room, MessageModel *messages)
{
    m_room = room;
    m_title->setText(room.isEmpty() ? tr("No room is open") : tr("# %1").arg(oneLine(room)));
    m_subtitle->setText(room.isEmpty() ? tr("choose one on the left, or join another") : QString());
    m_more->setVisible(!room.isEmpty());
    m_view->setRoom(room);
    m_view->setMessages(messages);
    m_composer->setRoom(room);
    setTypingText({});
}

void ChatPane::setMemberCount(std::optional<quint64> count)
{
    if (m_room.isEmpty())
        return;
    if (!count)
        m_subtitle->setText(tr("not joined yet"));
    else
        m_subtitle->setText(*count == 1 ? tr("1 member") : tr("%1 members").arg(QLocale().toString(*count)));
}

void ChatPane::setTypingText(const QString &text)
{
    m_typing->setText(text);
}

void ChatPane::showNotice(const QString &text, Notice kind)
{
    const QString mood = kind == Notice::Done ? QStringLiteral("good") : QString();
    if (m_notice->property("mood").toString() != mood) {
        m_notice->setProperty("mood", mood);
        restyle(*m_notice);
        applyTheme();
    }
    m_noticeText->setText(text);
    m_notice->show();
}

} // namespace parlor::gui
