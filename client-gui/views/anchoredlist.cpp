// SPDX-License-Identifier: MIT
#include "client-gui/views/anchoredlist.h"

#include <QScopedValueRollback>
#include <QScrollBar>
#include <QWheelEvent>

namespace parlor::gui {

namespace {

/// So many pixels before the first message older ones are asked for.
constexpr int kNearTop = 200;
constexpr int kScrollStep = 24;

} // namespace

AnchoredList::AnchoredList(LayoutCache &cache, QWidget *parent)
    : QListView(parent)
    , m_cache(cache)
{
    // Batched layout scrolls to where the end was; a bar that comes and goes would change the width.
    setLayoutMode(SinglePass);
    setVerticalScrollMode(ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setResizeMode(Fixed); // we lay out again ourselves, at once
    setUniformItemSizes(false);
    verticalScrollBar()->setSingleStep(kScrollStep);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &AnchoredList::moved);
}

void AnchoredList::showMessages(MessageModel *messages)
{
    if (messages == m_messages)
        return;
    if (m_messages != nullptr) {
        for (const QMetaObject::Connection &each : std::exchange(m_connections, {}))
            disconnect(each);
        m_places.insert(m_messages, m_place);
    }
    m_messages = messages;
    m_place = m_places.value(messages);
    m_holdsMarker = messages != nullptr && messages->unread().messages > 0;
    m_askedAbove.reset();
    if (messages != nullptr)
        watch(*messages);
    {
        const QScopedValueRollback guard(m_settling, true);
        setModel(messages);
    }
    doItemsLayout();
}

void AnchoredList::watch(MessageModel &messages)
{
    // Connected before QListView is: the cache forgets a row before its height is asked for.
    m_cache.watch(messages);
    const auto stale = [this] { m_stale = true; };
    m_connections = {
        connect(&messages, &QAbstractItemModel::dataChanged, this, stale),
        connect(&messages, &QAbstractItemModel::rowsInserted, this, stale),
        connect(&messages, &QAbstractItemModel::rowsRemoved, this, stale),
        connect(&messages, &QAbstractItemModel::rowsMoved, this, stale),
        connect(&messages, &QAbstractItemModel::modelReset, this, stale),
        connect(&messages, &MessageModel::reachedChanged, viewport(), qOverload<>(&QWidget::update)),
        connect(&messages, &MessageModel::huesChanged, viewport(), qOverload<>(&QWidget::update)),
        connect(&messages, &MessageModel::unreadChanged, this,
                [this] {
                    if (!m_stale) // else when they are
                        Q_EMIT unreadChanged();
                }),
        connect(&messages, &MessageModel::deliveryChanged, this,
                [this](const QModelIndex &index) {
                    update(index); // not dataChanged: that would lay out every row
                }),
    };
    if (m_places.contains(&messages))
        return;
    m_places.insert(&messages, {});
    connect(&messages, &QObject::destroyed, this, [this, model = &messages] {
        m_places.remove(model);
        if (m_messages == model) {
            m_messages = nullptr;
            m_place = {};
        }
    });
}

// ---- the place

int AnchoredList::verticalOffset() const
{
    return QListView::verticalOffset() - m_lead;
}

void AnchoredList::doItemsLayout()
{
    {
        const QScopedValueRollback guard(m_settling, true);
        m_stale = false;
        QListView::doItemsLayout();
        keepPlace();
    }
    settled();
}

void AnchoredList::keepPlace()
{
    const int lead = m_messages == nullptr ? 0 : std::max(0, viewport()->height() - contentsSize().height());
    if (std::exchange(m_lead, lead) != lead)
        viewport()->update();
    QScrollBar *bar = verticalScrollBar();
    m_holdsMarker = m_holdsMarker && m_messages != nullptr && m_messages->unread().messages > 0;
    if (m_holdsMarker && m_messages->marker()) {
        m_place.atEnd = false;
        m_place.key = *m_messages->marker(); // what is missing below it is brought, and it moves up
        m_place.offset = 0;
    }
    if (!m_place.atEnd && m_messages != nullptr) {
        if (const int row = m_messages->rowOf(m_place.key); row >= 0)
            bar->setValue(rectForIndex(m_messages->index(row)).top() + m_place.offset);
        else if (m_holdsMarker) // its row was too old to be kept
            bar->setValue(0);
        m_place.atEnd = bar->value() == bar->maximum(); // what is shown became shorter, or the view taller
    }
    if (m_place.atEnd)
        bar->setValue(bar->maximum());
    m_value = bar->value();
}

void AnchoredList::scrollContentsBy(int dx, int dy)
{
    if (m_settling || !m_stale) {
        QListView::scrollContentsBy(dx, dy);
        return;
    }
    // Rows changed, and the person scrolls before they are laid out: first the one, then the other.
    const int by = verticalScrollBar()->value() - m_value;
    doItemsLayout();
    const QScopedValueRollback guard(m_settling, true);
    verticalScrollBar()->setValue(m_value + by);
}

void AnchoredList::moved()
{
    if (m_settling)
        return;
    takePlace();
    settled();
}

void AnchoredList::takePlace()
{
    const QScrollBar *bar = verticalScrollBar();
    m_value = bar->value();
    m_holdsMarker = false;
    const bool wasAtEnd = std::exchange(m_place.atEnd, m_value == bar->maximum());
    if (m_place.atEnd || m_messages == nullptr)
        return;
    if (wasAtEnd)
        m_place.newest = m_messages->newestKey();
    QModelIndex first = indexAt(QPoint(1, 0));
    // What fills a gap comes above what is read: one more below, since the row below loses its line.
    if (const int gap = gapInView(); gap > first.row())
        first = m_messages->index(std::min(gap + 1, m_messages->rowCount() - 1));
    m_place.key = first.data(MessageModel::KeyRole).toULongLong();
    m_place.offset = m_value - rectForIndex(first).top();
}

void AnchoredList::scrollToEnd()
{
    m_holdsMarker = false;
    m_place.atEnd = true;
    doItemsLayout();
}

void AnchoredList::scrollToUnread()
{
    holdUnread();
    doItemsLayout();
}

void AnchoredList::holdUnread()
{
    if (m_messages == nullptr || m_messages->unread().messages == 0)
        return;
    const quint64 first = m_messages->unread().first;
    m_place = {.atEnd = false, .key = first, .newest = m_messages->newestKey()};
    m_holdsMarker = m_messages->marker() == first;
}

void AnchoredList::tellSeen()
{
    if (!isVisible() || m_messages == nullptr || m_messages->rowCount() == 0)
        return;
    const int height = viewport()->height();
    const int first = std::max(0, indexAt(QPoint(1, 0)).row());
    const QModelIndex lowest = indexAt(QPoint(1, height - 1));
    int last = lowest.isValid() ? lowest.row() : m_messages->rowCount() - 1;
    const QRect part = visualRect(m_messages->index(last));
    if (part.bottom() >= height && part.top() > 0)
        --last;
    if (last >= first)
        Q_EMIT rowsSeen(first, last);
}

void AnchoredList::rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last)
{
    const int anchor = m_place.atEnd ? -1 : m_messages->rowOf(m_place.key);
    if (anchor >= first && anchor <= last) {
        const int heir = last + 1 < m_messages->rowCount() ? last + 1 : first - 1;
        m_place.key = m_messages->index(heir).data(MessageModel::KeyRole).toULongLong();
        m_place.offset = 0;
    }
    QListView::rowsAboutToBeRemoved(parent, first, last);
}

// ---- what follows from it

void AnchoredList::settled()
{
    Q_EMIT settledDown();
    if (m_messages == nullptr)
        return;
    m_messages->setTrimming(m_place.atEnd ? MessageModel::Trimming::Prompt : MessageModel::Trimming::Late);
    if (!isVisible() || m_messages->rowCount() == 0)
        return;
    tellSeen();
    askForGap();
    askForOlder();
}

int AnchoredList::gapInView() const
{
    if (m_messages == nullptr || m_messages->rowCount() == 0)
        return -1;
    const QModelIndex lowest = indexAt(QPoint(1, viewport()->height() - 1));
    int row = lowest.isValid() ? lowest.row() : m_messages->rowCount() - 1;
    for (; row >= 0; --row) {
        const QModelIndex index = m_messages->index(row);
        if (visualRect(index).top() < 0)
            break; // its line is not seen, nor is any further up
        if (index.data(MessageModel::GapOpenRole).toBool())
            return row;
    }
    return -1;
}

void AnchoredList::askForGap()
{
    const int row = gapInView();
    if (row < 0) {
        m_askedGap.reset();
        return;
    }
    const quint64 key = m_messages->index(row).data(MessageModel::KeyRole).toULongLong();
    if (std::exchange(m_askedGap, key) != key)
        Q_EMIT gapWanted(key);
}

void AnchoredList::askForOlder()
{
    if (m_messages == nullptr || m_messages->rowCount() == 0) // a slot of rowsSeen may have changed that
        return;
    if (verticalScrollBar()->value() > kNearTop) {
        m_askedAbove.reset();
        return;
    }
    const quint64 first = m_messages->index(0).data(MessageModel::KeyRole).toULongLong();
    if (m_messages->isComplete() || m_askedAbove == first)
        return;
    m_askedAbove = first;
    Q_EMIT olderWanted();
}

int AnchoredList::arrived() const
{
    if (m_place.atEnd || m_messages == nullptr)
        return 0;
    int count = 0;
    for (int row = m_messages->rowCount() - 1; row >= 0; --row) {
        const QModelIndex index = m_messages->index(row);
        const quint64 key = index.data(MessageModel::KeyRole).toULongLong();
        if (key == m_place.key)
            break;
        const auto delivery = index.data(MessageModel::DeliveryRole).value<MessageModel::Delivery>();
        if (key > m_place.newest && delivery == MessageModel::Delivery::Received)
            ++count;
    }
    return count;
}

// ---- QListView

QModelIndex AnchoredList::moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers)
{
    if (currentIndex().isValid() || m_messages == nullptr)
        return QListView::moveCursor(action, modifiers);
    // Nobody chose a row yet: start where the eye is, not at the oldest message.
    const QModelIndex lowest = indexAt(QPoint(1, viewport()->height() - 1));
    return lowest.isValid() ? lowest : m_messages->index(m_messages->rowCount() - 1);
}

void AnchoredList::resizeEvent(QResizeEvent *event)
{
    {
        const QScopedValueRollback guard(m_settling, true);
        QListView::resizeEvent(event);
    }
    m_cache.setWidth(viewport()->width());
    doItemsLayout();
}

void AnchoredList::showEvent(QShowEvent *event)
{
    QListView::showEvent(event);
    settled();
}

void AnchoredList::changeEvent(QEvent *event)
{
    QListView::changeEvent(event);
    if (event->type() != QEvent::FontChange)
        return;
    m_cache.setFont(font());
    doItemsLayout();
}

void AnchoredList::wheelEvent(QWheelEvent *event)
{
    // At the very top the bar does not move any more, but somebody asks.
    if (event->angleDelta().y() > 0 && verticalScrollBar()->value() == 0) {
        m_askedAbove.reset();
        askForOlder();
    }
    QListView::wheelEvent(event);
}

} // namespace parlor::gui
