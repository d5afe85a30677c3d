// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/views/messagelayout.h"

#include <QCache>
#include <QHash>
#include <QObject>

namespace parlor::gui {

/// Layouts of what was seen last, and the heights of all rows of the models it watches, at one width. Knows
/// by itself when a row's are out of date. Owned by MessageDelegate.
class LayoutCache : public QObject
{
    Q_OBJECT
public:
    explicit LayoutCache(QObject *parent = nullptr);

    /// Called before a view is connected to the model, so that the view finds a changed row dropped.
    void watch(const MessageModel &model);
    /// Keeps the heights that are the same at this width: those of most rows, which are one line.
    void setWidth(int width);
    void setFont(const QFont &font);
    /// Drops all layouts and keeps the heights, when colours or the day have changed.
    void dropLayouts() { m_layouts.clear(); }
    void drop(const QModelIndex &index);

    /// Valid until the next call.
    [[nodiscard]] const MessageLayout &layout(const QModelIndex &index, const Tokens &tokens);
    [[nodiscard]] int height(const QModelIndex &index, const Tokens &tokens);

    void toggleFolding(const QModelIndex &index);
    [[nodiscard]] const MessageFonts &fonts() const { return m_fonts; }
    [[nodiscard]] int width() const { return m_width; }
    /// How many layouts were made so far.
    [[nodiscard]] quint64 made() const { return m_made; }

private:
    struct Id
    {
        const QAbstractItemModel *model;
        quint64 key;
        bool operator==(const Id &) const = default;
    };
    struct Height
    {
        int pixels = 0;
        int sameFrom = 0; ///< right for this width and all larger ones
    };
    friend size_t qHash(const Id &id, size_t seed) { return qHashMulti(seed, id.model, id.key); }
    [[nodiscard]] static Id idOf(const QModelIndex &index);
    void forget(const QAbstractItemModel *model);

    static constexpr int kLayouts = 400;

    MessageFonts m_fonts;
    int m_width = 0;
    QDate m_today;
    QCache<Id, MessageLayout> m_layouts{kLayouts};
    QHash<Id, Height> m_heights;
    QSet<Id> m_unfolded;
    QSet<const QAbstractItemModel *> m_watched;
    quint64 m_made = 0;
};

} // namespace parlor::gui
