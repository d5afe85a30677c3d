// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/models/messagemodel.h"
#include "client-gui/views/layoutcache.h"

#include <QHash>
#include <QListView>

#include <optional>

namespace parlor::gui {

/// A QListView of messages that keeps its place: at the end while it is there, else at the first message that
/// is seen, whatever is inserted, removed or resized. A few messages sit at the lower edge. MessageView adds
/// what can be done with them.
class AnchoredList : public QListView
{
    Q_OBJECT
public:
    [[nodiscard]] MessageModel *messages() const { return m_messages; }
    [[nodiscard]] bool isAtBottom() const { return m_place.atEnd; }
    void scrollToEnd();
    /// To the first message that nobody has seen, if there is one.
    void scrollToUnread();
    /// The same at the next layout: the rows that come with it are not there yet.
    void holdUnread();
    /// Says once more which rows are seen.
    void tellSeen();

    void doItemsLayout() override;

Q_SIGNALS:
    /// The oldest message came into view, and there may be older ones.
    void olderWanted();
    /// The line above the row with this key came into view, where messages are missing that may be had.
    void gapWanted(quint64 key);
    /// These rows are seen: all of them, or as much of one as there is room for.
    void rowsSeen(int first, int last);
    /// The model counts otherwise what nobody has seen, and all rows are laid out.
    void unreadChanged();
    /// All rows are laid out, and the place is taken.
    void settledDown();

protected:
    AnchoredList(LayoutCache &cache, QWidget *parent);
    /// Null: none. The place in each model is remembered, but the first unread message comes before it.
    void showMessages(MessageModel *messages);
    /// Messages of others that came in below what is seen.
    [[nodiscard]] int arrived() const;

    [[nodiscard]] int verticalOffset() const override;
    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    void rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

private:
    /// Where somebody reads.
    struct Place
    {
        bool atEnd = true;
        quint64 key = 0; ///< if not: the first row that is seen, or the one below a gap that will be filled,
        int offset = 0;  ///< and how many pixels of it are above the edge
        quint64 newest = 0; ///< rows with higher keys came since the end was left
    };
    void watch(MessageModel &messages);
    void moved();
    void takePlace();
    void keepPlace();
    void settled();
    void askForOlder();
    void askForGap();
    /// The lowest row in view with an open gap above; -1: none.
    [[nodiscard]] int gapInView() const;

    LayoutCache &m_cache;
    MessageModel *m_messages = nullptr;
    QList<QMetaObject::Connection> m_connections; ///< to m_messages
    Place m_place;
    QHash<const MessageModel *, Place> m_places; ///< as they were when a model was left
    int m_lead = 0;                              ///< empty pixels above the first message
    int m_value = 0;                             ///< of the scroll bar, as last seen
    bool m_holdsMarker = false;                  ///< the line above what is new is the upper edge
    bool m_settling = false;                     ///< what scrolls now is we
    bool m_stale = false;                        ///< rows changed since they were last laid out
    std::optional<quint64> m_askedAbove;         ///< the row above which older ones were asked for
    std::optional<quint64> m_askedGap;           ///< the row above which missing ones were asked for
};

} // namespace parlor::gui
