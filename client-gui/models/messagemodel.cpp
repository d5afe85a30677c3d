// SPDX-License-Identifier: MIT
#include "client-gui/models/messagemodel.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/mention.h"
#include "client-gui/models/timeofday.h"

#include <algorithm>

namespace parlor::gui {

namespace {

/// Messages of one person within this time share a head.
constexpr qint64 kGroupSeconds = 5 * 60;

MessageModel::Delivery deliveryOf(const OutboxEntry &entry)
{
    switch (entry.state) {
    case OutboxState::Queued:
        return mayBePublished(entry) ? MessageModel::Delivery::Unconfirmed : MessageModel::Delivery::Queued;
    case OutboxState::Unconfirmed:
        return MessageModel::Delivery::Unconfirmed;
    case OutboxState::InFlight:
        return MessageModel::Delivery::Sending;
    case OutboxState::NeedsDecision:
        return MessageModel::Delivery::NeedsDecision;
    case OutboxState::Failed:
        return MessageModel::Delivery::Failed;
    }
    return MessageModel::Delivery::Queued;
}

QDateTime localTime(const QString &timestamp)
{
    return QDateTime::fromString(timestamp, Qt::ISODateWithMs).toLocalTime();
}

bool needsPerson(MessageModel::Delivery delivery)
{
    return delivery == MessageModel::Delivery::NeedsDecision || delivery == MessageModel::Delivery::Failed;
}

} // namespace

MessageModel::MessageModel(QObject *parent)
    : QAbstractListModel(parent)
{
}

void MessageModel::setSelf(const SessionInfo &self)
{
    if (std::exchange(m_self, self) == self)
        return;
    // What waits goes out under the new name.
    for (int at = m_published; at < rowCount(); ++at) {
        m_rows[static_cast<std::size_t>(at)].sender = self.clientId;
        m_rows[static_cast<std::size_t>(at)].user = self.user;
        m_rows[static_cast<std::size_t>(at)].name = self.username;
    }
    if (m_published < rowCount())
        Q_EMIT dataChanged(index(m_published), index(rowCount() - 1));
}

void MessageModel::setNamesakes(const QSet<QString> &names)
{
    if (std::exchange(m_namesakes, names) != names)
        Q_EMIT huesChanged();
}

void MessageModel::setUnread(const Unread &unread)
{
    if (std::exchange(m_unread, unread) != unread)
        Q_EMIT unreadChanged();
}

bool MessageModel::mayHaveMoreAbove(quint64 key) const
{
    const int row = rowOf(key);
    if (row > 0)
        return at(row).gapOpen && !isFull();
    return row == 0 && m_published > 0 && !m_complete && !isFull() && !startsInLostHistory() &&
           firstSeq() > 1U;
}

bool MessageModel::mentionsUs(const QString &text) const
{
    return mentions(text, selfName());
}

MessageModel::Row MessageModel::rowFrom(const ChatMessage &message, Author author)
{
    const bool own = author == Author::Self || message.user == m_self.user;
    Row row;
    row.seq = message.seq;
    row.id = message.id;
    row.cid = message.cid;
    row.sender = message.sender;
    row.user = message.user;
    row.name = message.username;
    row.text = message.text;
    row.time = localTime(message.timestamp);
    row.delivery = own ? Delivery::Sent : Delivery::Received;
    row.mention = !own && mentionsUs(message.text);
    if (message.deletedBy)
        row.deletedBy = shownName(message.deletedBy->username, message.deletedBy->user);
    return row;
}

// ---- what was said

std::optional<quint64> MessageModel::add(const ChatMessage &message, Author author)
{
    if (isKnown(message)) { // its acknowledgement brought it
        m_early.remove(message.id);
        if (message.deletedBy)
            (void)setDeleted(message.id, shownName(message.deletedBy->username, message.deletedBy->user));
        return std::nullopt;
    }
    if (const int outgoing = findOutgoing(message.cid);
        outgoing >= 0 && m_rows[static_cast<std::size_t>(outgoing)].text == message.text) {
        publish(outgoing, rowFrom(message, author));
        return std::nullopt;
    }
    Row row = rowFrom(message, author);
    takeNextGap(row);
    insertRow(placeFor(row), std::move(row));
    const quint64 key = m_lastKey;
    trim();
    return key;
}

/// The end of what is published; but some of ours that were acknowledged early may belong behind it.
int MessageModel::placeFor(const Row &row) const
{
    int at = m_published;
    while (at > 0 && row.gap.isEmpty()) {
        const Row &above = m_rows[static_cast<std::size_t>(at) - 1];
        if (!m_early.contains(above.id) || above.seq < row.seq)
            break;
        --at;
    }
    return at;
}

void MessageModel::prepend(const HistoryPage &older)
{
    std::deque<Row> rows;
    for (const ChatMessage &each : older.messages) {
        if (!isKnown(each))
            rows.push_back(rowFrom(each));
    }
    closeFirstGap();
    insertOlder(0, std::move(rows));
    m_pagedTo = older.first;
    if (!older.more)
        setComplete();
}

bool MessageModel::isKnown(const ChatMessage &message) const
{
    return m_known.contains(message.id) || m_known.contains(composedName(message.user, message.cid));
}

void MessageModel::know(const Row &row)
{
    m_known.insert(row.id);
    if (!row.cid.isEmpty())
        m_known.insert(composedName(row.user, row.cid));
}

void MessageModel::forget(const Row &row)
{
    m_known.remove(row.id);
    m_known.remove(composedName(row.user, row.cid));
}

void MessageModel::insertOlder(int at, std::deque<Row> rows)
{
    if (rows.empty())
        return;
    const int count = static_cast<int>(rows.size());
    for (auto each = rows.rbegin(); each != rows.rend(); ++each) {
        each->key = --m_firstKey;
        know(*each);
    }
    beginInsertRows({}, at, at + count - 1);
    m_rows.insert(m_rows.begin() + at, std::make_move_iterator(rows.begin()),
                  std::make_move_iterator(rows.end()));
    m_published += count;
    endInsertRows();
    headMayHaveChanged(at + count);
}

void MessageModel::setReached(bool reached)
{
    if (std::exchange(m_reached, reached) != reached)
        Q_EMIT reachedChanged();
}

// ---- what is missing

void MessageModel::addGap(const QString &text, Gap kind)
{
    const bool newHistory = kind == Gap::NewHistory;
    if (!m_nextGap.newHistory) // which says more than one that follows
        m_nextGap = {text, kind != Gap::Final, newHistory};
    if (!newHistory)
        return;
    // The numbers by which one would ask mean others now.
    for (int row = 0; row < m_published; ++row) {
        if (std::exchange(at(row).gapOpen, false))
            Q_EMIT dataChanged(index(row), index(row));
    }
}

void MessageModel::takeNextGap(Row &row)
{
    const NextGap gap = std::exchange(m_nextGap, {});
    row.gap = gap.text;
    row.gapOpen = gap.open;
    row.newHistory = gap.newHistory;
}

void MessageModel::fillGap(const HistoryPage &page)
{
    int row = m_published - 1;
    while (row > 0 && (!at(row).gapOpen || at(row).seq != page.before))
        --row;
    if (row <= 0)
        return;
    Row &below = at(row);
    const bool isBounded = !below.newHistory; // by a row that the page can reach
    const quint64 above = at(row - 1).seq;
    const bool isFilled = isBounded && page.first && *page.first <= above + 1;
    // Where the numbers say nothing of it, what we have says where the page joins up with it.
    const auto known =
        std::find_if(page.messages.rbegin(), page.messages.rend(),
                     [&](const ChatMessage &each) { return !isBounded && m_known.contains(each.id); });
    std::deque<Row> rows;
    for (auto each = known.base(); each != page.messages.end(); ++each) {
        if (!isKnown(*each) && (!isBounded || each->seq > above))
            rows.push_back(rowFrom(*each));
    }
    Row &upper = rows.empty() ? below : rows.front();
    upper.gap = isFilled ? QString() : std::exchange(below.gap, {});
    upper.newHistory = std::exchange(below.newHistory, false);
    const bool joinsUp = isFilled || known != page.messages.rend();
    upper.gapOpen = !joinsUp && !rows.empty() && page.more;
    if (&upper != &below) {
        below.gap.clear();
        below.gapOpen = false;
    }
    const auto count = static_cast<int>(rows.size());
    const bool movesMarker = m_marker == below.key && count > 0;
    insertOlder(row, std::move(rows));
    if (movesMarker) // what was missed begins there
        m_marker = at(row).key;
    Q_EMIT dataChanged(index(row), index(row + count));
}

void MessageModel::closeFirstGap()
{
    if (m_rows.empty() || !at(0).gapOpen)
        return;
    at(0).gap.clear();
    at(0).gapOpen = false;
    Q_EMIT dataChanged(index(0), index(0));
}

std::optional<quint64> MessageModel::gapAbove(quint64 key) const
{
    const int row = rowOf(key);
    return row >= 0 && at(row).gapOpen ? std::optional(at(row).seq) : std::nullopt;
}

bool MessageModel::startsInLostHistory() const
{
    if (m_published > 0 && m_nextGap.newHistory)
        return true;
    const auto published = m_rows.begin() + m_published;
    return m_published > 1 &&
           std::any_of(m_rows.begin() + 1, published, [](const Row &each) { return each.newHistory; });
}

// ---- what we wrote

void MessageModel::setOutgoing(const OutboxEntry &entry)
{
    const Delivery delivery = deliveryOf(entry);
    const int at = findOutgoing(entry.cid);
    if (at >= 0) {
        Row &row = m_rows[static_cast<std::size_t>(at)];
        const bool sameHeight = needsPerson(row.delivery) == needsPerson(delivery) &&
                                (row.problem == entry.problem || !needsPerson(delivery));
        row.delivery = delivery;
        row.problem = entry.problem;
        if (sameHeight)
            Q_EMIT deliveryChanged(index(at));
        else
            Q_EMIT dataChanged(index(at), index(at));
        return;
    }
    Row row;
    row.cid = entry.cid;
    row.sender = m_self.clientId;
    row.user = m_self.user;
    row.name = m_self.username;
    row.text = entry.text;
    row.time = QDateTime::fromMSecsSinceEpoch(entry.composedAt.count());
    row.delivery = delivery;
    row.problem = entry.problem;
    insertRow(rowCount(), std::move(row));
}

void MessageModel::acknowledge(const PublishReceipt &receipt)
{
    const int at = findOutgoing(receipt.cid);
    if (at < 0)
        return;
    Row row = m_rows[static_cast<std::size_t>(at)];
    if (m_known.contains(receipt.id) || m_known.contains(composedName(row.user, row.cid))) {
        removeRow(at);
        return;
    }
    row.id = receipt.id;
    row.seq = receipt.seq;
    row.time = localTime(receipt.timestamp);
    row.delivery = Delivery::Sent;
    row.problem.clear();
    m_early.insert(row.id);
    publish(at, std::move(row));
}

void MessageModel::removeOutgoing(const QString &cid)
{
    if (const int at = findOutgoing(cid); at >= 0)
        removeRow(at);
}

/// An outgoing row becomes a published one: the last, or nearly.
void MessageModel::publish(int outgoing, Row row)
{
    const int at = placeFor(row);
    if (outgoing != at) {
        beginMoveRows({}, outgoing, outgoing, {}, at);
        Row moved = std::move(m_rows[static_cast<std::size_t>(outgoing)]);
        m_rows.erase(m_rows.begin() + outgoing);
        m_rows.insert(m_rows.begin() + at, std::move(moved));
        endMoveRows();
    }
    ++m_published;
    Row &target = m_rows[static_cast<std::size_t>(at)];
    const Head head = headOf(at);
    const bool needed = needsPerson(target.delivery);
    const bool sameText = target.text == row.text && target.problem == row.problem &&
                          target.user == row.user && target.name == row.name;
    row.key = target.key;
    takeNextGap(row);
    know(row);
    target = std::move(row);
    Q_EMIT deliveryChanged(index(at));
    // The server's clock decides the time and with it, rarely, the day and the group.
    if (outgoing != at || !sameText || needed || headOf(at) != head)
        Q_EMIT dataChanged(index(at), index(at));
    headMayHaveChanged(at + 1);
    if (outgoing != at)
        headMayHaveChanged(outgoing + 1);
    trim();
}

// ---- what was deleted

std::optional<MessageModel::Place> MessageModel::placeOf(quint64 key) const
{
    const int row = rowOf(key);
    return row < 0 || row >= m_published ? std::nullopt : std::optional(Place{at(row).seq, at(row).id});
}

void MessageModel::setDeleting(const QString &id, bool deleting)
{
    const int row = findPublished(id);
    if (row >= 0 && std::exchange(at(row).deleting, deleting) != deleting)
        Q_EMIT dataChanged(index(row), index(row));
}

std::optional<quint64> MessageModel::setDeleted(const QString &id, const QString &by)
{
    const int row = findPublished(id);
    if (row < 0)
        return std::nullopt;
    Row &gone = at(row);
    gone.text.clear();
    gone.deletedBy = by;
    gone.deleting = false;
    gone.mention = false;
    Q_EMIT dataChanged(index(row), index(row));
    return gone.key;
}

QString MessageModel::textOf(const Row &row)
{
    return row.deletedBy.isEmpty() ? row.text : tr("deleted by %1").arg(row.deletedBy);
}

bool MessageModel::isDeletable(const Row &row) const
{
    return row.seq != 0 && row.deletedBy.isEmpty() && !row.deleting &&
           (row.user == m_self.user || m_moderating);
}

int MessageModel::findPublished(const QString &id) const
{
    if (!m_known.contains(id))
        return -1;
    int row = m_published - 1;
    while (row >= 0 && at(row).id != id)
        --row;
    return row;
}

// ---- lines, places

void MessageModel::setMarker(std::optional<quint64> aboveKey)
{
    const auto before = std::exchange(m_marker, aboveKey);
    if (before == m_marker)
        return;
    for (const auto &key : {before, m_marker}) {
        if (const int row = key ? rowOf(*key) : -1; row >= 0)
            Q_EMIT dataChanged(index(row), index(row));
    }
}

std::optional<quint64> MessageModel::firstSeq() const
{
    return m_published == 0 ? std::nullopt : std::optional(m_pagedTo.value_or(m_rows.front().seq));
}

int MessageModel::rowOf(quint64 key) const
{
    // From the end: what is asked for is nearly always recent.
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (m_rows[static_cast<std::size_t>(row)].key == key)
            return row;
    }
    return -1;
}

int MessageModel::findOutgoing(const QString &cid) const
{
    if (cid.isEmpty())
        return -1;
    for (int row = m_published; row < rowCount(); ++row) {
        if (m_rows[static_cast<std::size_t>(row)].cid == cid)
            return row;
    }
    return -1;
}

void MessageModel::insertRow(int at, Row row)
{
    row.key = ++m_lastKey;
    beginInsertRows({}, at, at);
    if (row.seq != 0) {
        know(row);
        ++m_published;
    }
    m_rows.insert(m_rows.begin() + at, std::move(row));
    endInsertRows();
    headMayHaveChanged(at + 1);
}

void MessageModel::removeRow(int at)
{
    beginRemoveRows({}, at, at);
    if (at < m_published) {
        forget(m_rows[static_cast<std::size_t>(at)]);
        --m_published;
    }
    m_rows.erase(m_rows.begin() + at);
    endRemoveRows();
    headMayHaveChanged(at);
}

void MessageModel::headMayHaveChanged(int row)
{
    if (row < rowCount())
        Q_EMIT dataChanged(index(row), index(row), {GroupStartRole, DayRole});
}

void MessageModel::trim()
{
    const int kept = m_trimming == Trimming::Late ? kFloodRows : kMaxRows;
    const int surplus = std::min(rowCount() - kept, m_published);
    if (surplus <= kMaxRows / 10)
        return;
    beginRemoveRows({}, 0, surplus - 1);
    for (int i = 0; i < surplus; ++i) {
        forget(m_rows.front());
        m_early.remove(m_rows.front().id);
        m_rows.pop_front();
    }
    m_published -= surplus;
    m_pagedTo.reset();
    m_complete = false;
    endRemoveRows();
    closeFirstGap();
    headMayHaveChanged(0);
}

MessageModel::Head MessageModel::headOf(int row) const
{
    return {startsDay(row), startsGroup(row), m_rows[static_cast<std::size_t>(row)].gap};
}

bool MessageModel::startsDay(int row) const
{
    const Row &here = m_rows[static_cast<std::size_t>(row)];
    return row == 0 || m_rows[static_cast<std::size_t>(row) - 1].time.date() != here.time.date();
}

bool MessageModel::startsGroup(int row) const
{
    const Row &here = m_rows[static_cast<std::size_t>(row)];
    if (startsDay(row) || !here.gap.isEmpty() || (m_marker && *m_marker == here.key))
        return true;
    const Row &above = m_rows[static_cast<std::size_t>(row) - 1];
    return above.user != here.user || above.name != here.name || above.time.secsTo(here.time) > kGroupSeconds;
}

// ---- QAbstractItemModel

int MessageModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant MessageModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case TextRole:
        return textOf(row);
    case Qt::AccessibleTextRole: {
        QString text = tr("%1, %2: %3").arg(shownName(row.name, row.user), timeOfDay(row.time), textOf(row));
        if (row.deleting)
            text += tr(", is being deleted");
        else if (row.delivery == Delivery::Queued || row.delivery == Delivery::Sending)
            text += tr(", not sent yet");
        else if (row.delivery == Delivery::Unconfirmed)
            text += tr(", sent, but not confirmed: others may have it already");
        else if (row.delivery == Delivery::NeedsDecision)
            text += tr(", perhaps not sent: %1").arg(row.problem);
        else if (!row.problem.isEmpty())
            text += tr(", not sent: %1").arg(row.problem);
        return text;
    }
    case KeyRole:
        return row.key;
    case SeqRole:
        return row.seq;
    case UserRole:
        return row.user;
    case HueRole:
        return hueKey(row.sender, row.user, row.name, m_namesakes);
    case NameRole:
        return row.name;
    case TimeRole:
        return row.time;
    case DeliveryRole:
        return QVariant::fromValue(row.delivery);
    case ProblemRole:
        return row.problem;
    case CidRole:
        return index.row() >= m_published ? row.cid : QString();
    case GroupStartRole:
        return startsGroup(index.row());
    case DayRole:
        return startsDay(index.row()) ? row.time.date() : QDate();
    case GapRole:
        return row.gap;
    case GapOpenRole:
        return row.gapOpen;
    case MarkerRole:
        return m_marker && *m_marker == row.key;
    case MentionRole:
        return row.mention;
    case DeletedRole:
        return !row.deletedBy.isEmpty();
    case DeletingRole:
        return row.deleting;
    case DeletableRole:
        return isDeletable(row);
    default:
        return {};
    }
}

QHash<int, QByteArray> MessageModel::roleNames() const
{
    auto names = QAbstractListModel::roleNames();
    names.insert({{KeyRole, "key"},
                  {SeqRole, "seq"},
                  {UserRole, "user"},
                  {HueRole, "hue"},
                  {NameRole, "name"},
                  {TextRole, "text"},
                  {TimeRole, "time"},
                  {DeliveryRole, "delivery"},
                  {ProblemRole, "problem"},
                  {CidRole, "cid"},
                  {GroupStartRole, "groupStart"},
                  {DayRole, "day"},
                  {GapRole, "gap"},
                  {GapOpenRole, "gapOpen"},
                  {MarkerRole, "marker"},
                  {MentionRole, "mention"},
                  {DeletedRole, "deleted"},
                  {DeletingRole, "deleting"},
                  {DeletableRole, "deletable"}});
    return names;
}

} // namespace parlor::gui
