// SPDX-License-Identifier: MIT
#include "client-gui/views/messageview.h"

#include "client-gui/models/harmless.h"
#include "client-gui/views/messagedelegate.h"
#include "client-gui/views/moderationmenu.h"
#include "client-gui/views/newmessagesbutton.h"
#include "client-gui/views/selecttextdialog.h"
#include "client-gui/views/transcript.h"
#include "client-gui/views/typedkey.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

namespace parlor::gui {

namespace {

constexpr int kButtonGap = 12;

using Action = MessageLayout::Action;

bool isStuck(const QModelIndex &index)
{
    return MessageRow::from(index).isStuck();
}

QString cidOf(const QModelIndex &index)
{
    return index.data(MessageModel::CidRole).toString();
}

quint64 keyOf(const QModelIndex &index)
{
    return index.data(MessageModel::KeyRole).toULongLong();
}

bool isDeletable(const QModelIndex &index)
{
    return index.data(MessageModel::DeletableRole).toBool();
}

MessageModel::Delivery deliveryOf(const QModelIndex &index)
{
    return index.data(MessageModel::DeliveryRole).value<MessageModel::Delivery>();
}

bool waitsToGo(MessageModel::Delivery delivery)
{
    return delivery == MessageModel::Delivery::Queued || delivery == MessageModel::Delivery::Unconfirmed;
}

QString markToolTip(const QModelIndex &index)
{
    switch (deliveryOf(index)) {
    case MessageModel::Delivery::Queued: {
        const QString problem = oneLine(index.data(MessageModel::ProblemRole).toString());
        return problem.isEmpty() ? MessageView::tr("Not sent yet")
                                 : QStringLiteral("<span>%1</span>")
                                       .arg(MessageView::tr("Not sent yet: %1").arg(problem).toHtmlEscaped());
    }
    case MessageModel::Delivery::Sending:
        return MessageView::tr("Sent, not confirmed yet");
    case MessageModel::Delivery::Unconfirmed:
        return MessageView::tr("Sent, but not confirmed: others may have it already");
    case MessageModel::Delivery::Sent:
        return MessageView::tr("The server has it");
    case MessageModel::Delivery::NeedsDecision:
        return MessageView::tr("Perhaps not delivered: to send it again may show it twice");
    case MessageModel::Delivery::Failed:
        return MessageView::tr("Not sent");
    case MessageModel::Delivery::Received:
        break;
    }
    return {};
}

} // namespace

MessageView::MessageView(Theme &theme, QWidget *parent)
    : MessageView(theme, new MessageDelegate(theme), parent)
{
}

MessageView::MessageView(Theme &theme, MessageDelegate *delegate, QWidget *parent)
    : AnchoredList(delegate->cache(), parent)
    , m_theme(theme)
    , m_delegate(delegate)
    , m_newMessages(new NewMessagesButton(NewMessagesButton::Where::Below, theme, this))
    , m_unreadAbove(new NewMessagesButton(NewMessagesButton::Where::Above, theme, this))
{
    setObjectName(QStringLiteral("messageView"));
    setAccessibleName(tr("Messages"));
    delegate->setParent(this);
    setItemDelegate(delegate);
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setSelectionMode(ExtendedSelection);
    setEditTriggers(NoEditTriggers);
    viewport()->setBackgroundRole(QPalette::Window);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_Hover);
    connect(m_newMessages, &QPushButton::clicked, this, &AnchoredList::scrollToEnd);
    connect(m_unreadAbove, &QPushButton::clicked, this, &AnchoredList::scrollToUnread);
    for (const auto changed : {&AnchoredList::unreadChanged, &AnchoredList::settledDown})
        connect(this, changed, this, &MessageView::updateButtons);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this](int least, int most) {
        verticalScrollBar()->setEnabled(most > least); // with nothing to scroll its handle does not show
    });
    connect(&m_theme, &Theme::changed, this, &MessageView::restyle);
    restyle();
}

const LayoutCache &MessageView::layoutCache() const
{
    return m_delegate->cache();
}

void MessageView::restyle()
{
    const Tokens &tokens = m_theme.tokens();
    QString sheet = QStringLiteral(R"(
QScrollBar:vertical { background: @window; width: 10px; margin: 0; border: 0; }
QScrollBar::handle:vertical { background: @handle; border-radius: 3px; margin: 2px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: @hover; }
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
)");
    sheet.replace(QStringLiteral("@window"), tokens.window.name());
    sheet.replace(QStringLiteral("@handle"), mixed(tokens.window, tokens.muted, 0.35).name());
    sheet.replace(QStringLiteral("@hover"), mixed(tokens.window, tokens.muted, 0.7).name());
    verticalScrollBar()->setStyleSheet(sheet);
    viewport()->update();
}

void MessageView::copySelection() const
{
    const QModelIndexList selected =
        selectionModel() != nullptr ? selectionModel()->selectedIndexes() : QModelIndexList();
    if (!selected.isEmpty())
        QGuiApplication::clipboard()->setText(transcript(selected));
}

// ---- what reacts

MessageView::Target MessageView::targetAt(const QPoint &point) const
{
    const QModelIndex index = indexAt(point);
    if (!index.isValid())
        return {};
    return {index, m_delegate->layout(index).hitAt(point - visualRect(index).topLeft())};
}

void MessageView::setHot(const Target &target)
{
    if (target == m_hot)
        return;
    m_hot = target;
    m_delegate->setHot(target.hit);
    if (target.hit.action == Action::None)
        viewport()->unsetCursor();
    else
        viewport()->setCursor(Qt::PointingHandCursor);
    viewport()->update();
}

void MessageView::activate(const Target &target)
{
    switch (target.hit.action) {
    case Action::None:
        break;
    case Action::OpenLink:
        Q_EMIT linkActivated(QUrl(target.hit.href, QUrl::StrictMode));
        break;
    case Action::Resend:
        Q_EMIT resendRequested(cidOf(target.index));
        break;
    case Action::Discard:
        Q_EMIT discardRequested(cidOf(target.index));
        break;
    case Action::Fold:
        fold(target.index);
        break;
    case Action::LoadGap:
        Q_EMIT gapWanted(keyOf(target.index));
        break;
    case Action::KeepIt:
        Q_EMIT keepRequested(keyOf(target.index));
        break;
    }
}

bool MessageView::activateRow(const QModelIndex &index)
{
    if (!index.isValid())
        return false;
    const MessageLayout &parts = m_delegate->layout(index);
    if (isStuck(index))
        activate({index, {Action::Resend}});
    else if (!parts.keepIt.isEmpty())
        activate({index, {Action::KeepIt}});
    else if (parts.gapOpen)
        activate({index, {Action::LoadGap}});
    else if (!parts.fold.isEmpty())
        activate({index, {Action::Fold}});
    else if (const QString link = parts.onlyLink(); !link.isEmpty())
        activate({index, {Action::OpenLink, link}});
    else
        return false;
    return true;
}

void MessageView::fold(const QModelIndex &index)
{
    m_delegate->cache().toggleFolding(index);
    doItemsLayout();
}

void MessageView::selectText(const QModelIndex &index)
{
    if (!index.isValid() || index.data(MessageModel::DeletedRole).toBool())
        return;
    const MessageRow row = MessageRow::from(index);
    (new SelectTextDialog(shownName(row.name, row.user), row.text, this))->open();
}

// ---- events

bool MessageView::event(QEvent *event)
{
    // Else a menu's Ctrl+C takes it, which copies from where somebody writes.
    if (event->type() == QEvent::ShortcutOverride) {
        if (static_cast<QKeyEvent *>(event)->matches(QKeySequence::Copy)) {
            event->accept();
            return true;
        }
    }
    return AnchoredList::event(event);
}

bool MessageView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::Leave)
        setHot({});
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), toolTipAt(help->pos()), viewport());
        return true;
    }
    return AnchoredList::viewportEvent(event);
}

QString MessageView::toolTipAt(const QPoint &point) const
{
    const Target target = targetAt(point);
    if (!target.index.isValid())
        return {};
    if (target.hit.action == Action::OpenLink)
        return target.hit.href.toHtmlEscaped(); // with the host as it really is
    if (m_delegate->layout(target.index).time.contains(point - visualRect(target.index).topLeft()))
        return QLocale().toString(target.index.data(MessageModel::TimeRole).toDateTime());
    if (m_delegate->layout(target.index).mark.contains(point - visualRect(target.index).topLeft()))
        return markToolTip(target.index);
    return {};
}

void MessageView::paintEvent(QPaintEvent *event)
{
    AnchoredList::paintEvent(event);
    if (messages() == nullptr || messages()->rowCount() > 0 || !messages()->isReached())
        return;
    QPainter painter(viewport());
    painter.setFont(font());
    painter.setPen(m_theme.tokens().muted);
    painter.drawText(viewport()->rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Nothing was said here yet."));
}

void MessageView::resizeEvent(QResizeEvent *event)
{
    AnchoredList::resizeEvent(event);
    placeButtons();
}

void MessageView::updateButtons()
{
    const auto unread = messages() == nullptr ? MessageModel::Unread() : messages()->unread();
    const int first = unread.messages == 0 ? 0 : std::max(0, messages()->rowOf(unread.first));
    const bool above = unread.messages > 0 && visualRect(messages()->index(first)).bottom() < 0;
    const bool below = unread.messages > 0 && !above && !isAtBottom();
    m_unreadAbove->setCount(above ? unread.messages : 0, unread.mentions);
    if (below)
        m_newMessages->setCount(unread.messages, unread.mentions);
    else
        m_newMessages->setCount(static_cast<quint64>(arrived()), 0);
    placeButtons();
}

void MessageView::placeButtons()
{
    const QRect area = viewport()->geometry();
    m_newMessages->move(area.center().x() - m_newMessages->width() / 2,
                        area.bottom() - kButtonGap - m_newMessages->height());
    m_newMessages->raise();
    m_unreadAbove->move(area.center().x() - m_unreadAbove->width() / 2, area.top() + kButtonGap);
    m_unreadAbove->raise();
}

void MessageView::focusInEvent(QFocusEvent *event)
{
    const bool byKey = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
    m_delegate->setFocus(byKey ? MessageDelegate::Focus::Shown : MessageDelegate::Focus::Quiet);
    AnchoredList::focusInEvent(event);
}

void MessageView::mousePressEvent(QMouseEvent *event)
{
    m_delegate->setFocus(MessageDelegate::Focus::Quiet);
    m_pressed = event->button() == Qt::LeftButton ? targetAt(event->pos()) : Target();
    // What reacts is not selected by the way.
    if (m_pressed.hit.action == Action::None)
        AnchoredList::mousePressEvent(event);
}

void MessageView::mouseMoveEvent(QMouseEvent *event)
{
    if (m_pressed.hit.action != Action::None)
        return;
    AnchoredList::mouseMoveEvent(event);
    setHot(event->buttons() == Qt::NoButton ? targetAt(event->pos()) : Target());
}

void MessageView::mouseReleaseEvent(QMouseEvent *event)
{
    const Target pressed = std::exchange(m_pressed, {});
    if (pressed.hit.action == Action::None)
        AnchoredList::mouseReleaseEvent(event);
    else if (targetAt(event->pos()) == pressed)
        activate(pressed);
}

void MessageView::mouseDoubleClickEvent(QMouseEvent *event)
{
    const Target target = targetAt(event->pos());
    if (target.hit.action != Action::None)
        mousePressEvent(event);
    else if (event->button() == Qt::LeftButton)
        selectText(target.index);
}

void MessageView::keyPressEvent(QKeyEvent *event)
{
    if (isTyped(*event)) {
        event->ignore(); // it begins a message
        return;
    }
    m_delegate->setFocus(MessageDelegate::Focus::Shown);
    viewport()->update(visualRect(currentIndex()));
    const QModelIndex current = currentIndex();
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->matches(QKeySequence::Copy)) {
        copySelection();
    } else if (event->matches(QKeySequence::MoveToEndOfDocument)) {
        scrollToEnd();
    } else if (enter && event->modifiers().testFlag(Qt::ShiftModifier)) {
        selectText(current);
    } else if (enter && activateRow(current)) {
        // done
    } else if (event->matches(QKeySequence::Delete) && current.isValid() && isStuck(current)) {
        Q_EMIT discardRequested(cidOf(current));
    } else if (event->matches(QKeySequence::Delete) && isDeletable(current)) {
        Q_EMIT deleteRequested(keyOf(current));
    } else if (event->matches(QKeySequence::Undo) && current.data(MessageModel::DeletingRole).toBool()) {
        Q_EMIT keepRequested(keyOf(current));
    } else {
        AnchoredList::keyPressEvent(event);
    }
}

void MessageView::contextMenuEvent(QContextMenuEvent *event)
{
    const bool byMouse = event->reason() == QContextMenuEvent::Mouse;
    const QPersistentModelIndex index = byMouse ? indexAt(event->pos()) : currentIndex();
    if (!index.isValid())
        return;
    const Target target = byMouse ? targetAt(event->pos()) : Target();
    const QString link =
        target.hit.action == Action::OpenLink ? target.hit.href : m_delegate->layout(index).onlyLink();

    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("messageMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (isStuck(index)) {
        menu->addAction(tr("Retry"), this, [this, index] { Q_EMIT resendRequested(cidOf(index)); });
        menu->addAction(tr("Delete"), this, [this, index] { Q_EMIT discardRequested(cidOf(index)); });
        menu->addSeparator();
    } else if (waitsToGo(deliveryOf(index))) {
        menu->addAction(tr("Delete"), this, [this, index] { Q_EMIT discardRequested(cidOf(index)); });
        menu->addSeparator();
    }
    menu->addAction(tr("Copy"), this, &MessageView::copySelection)
        ->setEnabled(selectionModel()->hasSelection());
    if (!link.isEmpty()) {
        menu->addAction(tr("Copy link"), this, [link] { QGuiApplication::clipboard()->setText(link); });
    }
    menu->addAction(tr("Select text…"), this, [this, index] { selectText(index); })
        ->setEnabled(!index.data(MessageModel::DeletedRole).toBool());
    if (isDeletable(index)) {
        menu->addSeparator();
        menu->addAction(tr("Delete for everybody"), this,
                        [this, index] { Q_EMIT deleteRequested(keyOf(index)); });
    } else if (index.data(MessageModel::DeletingRole).toBool()) {
        menu->addSeparator();
        menu->addAction(tr("Undo the deletion"), this, [this, index] { Q_EMIT keepRequested(keyOf(index)); });
    }
    const MessageRow row = MessageRow::from(index);
    if (m_moderating && !row.isOwn()) {
        const QString name = shownName(row.name, row.user);
        QMenu *moderation = menu->addMenu(tr("Moderate %1").arg(name));
        addModeration(*moderation, row.user, m_room,
                      [this, name](const ModerationAct &act) { Q_EMIT moderationRequested(act, name); });
    }
    menu->popup(byMouse
                    ? event->globalPos()
                    : viewport()->mapToGlobal(visualRect(index).intersected(viewport()->rect()).center()));
}

} // namespace parlor::gui
