// SPDX-License-Identifier: MIT
#include "client-gui/views/layoutcache.h"

#include <QGuiApplication>

namespace parlor::gui {

LayoutCache::LayoutCache(QObject *parent)
    : QObject(parent)
    , m_fonts(QGuiApplication::font())
{
}

LayoutCache::Id LayoutCache::idOf(const QModelIndex &index)
{
    return {index.model(), index.data(MessageModel::KeyRole).toULongLong()};
}

void LayoutCache::watch(const MessageModel &model)
{
    if (m_watched.contains(&model))
        return;
    m_watched.insert(&model);
    const auto dropRows = [this, &model](int first, int last) {
        for (int row = first; row <= last; ++row)
            drop(model.index(row));
    };
    connect(
        &model, &QAbstractItemModel::dataChanged, this,
        [dropRows](const QModelIndex &first, const QModelIndex &last) { dropRows(first.row(), last.row()); });
    connect(&model, &QAbstractItemModel::rowsAboutToBeRemoved, this,
            [this, dropRows, &model](const QModelIndex &, int first, int last) {
                dropRows(first, last);
                for (int row = first; row <= last; ++row)
                    m_unfolded.remove(idOf(model.index(row)));
            });
    connect(&model, &QAbstractItemModel::modelReset, this, [this, &model] { forget(&model); });
    connect(&model, &QObject::destroyed, this, [this, &model] {
        forget(&model);
        m_watched.remove(&model);
    });
}

void LayoutCache::setWidth(int width)
{
    if (std::exchange(m_width, width) == width)
        return;
    m_layouts.clear();
    m_heights.removeIf([width](const auto &entry) { return entry.value().sameFrom > width; });
}

void LayoutCache::setFont(const QFont &font)
{
    if (font == m_fonts.body)
        return;
    m_fonts = MessageFonts(font);
    m_layouts.clear();
    m_heights.clear();
}

void LayoutCache::drop(const QModelIndex &index)
{
    const Id id = idOf(index);
    m_layouts.remove(id);
    m_heights.remove(id);
}

void LayoutCache::forget(const QAbstractItemModel *model)
{
    for (const Id &id : m_layouts.keys()) {
        if (id.model == model)
            m_layouts.remove(id);
    }
    m_heights.removeIf([model](const auto &entry) { return entry.key().model == model; });
    m_unfolded.removeIf([model](const Id &id) { return id.model == model; });
}

const MessageLayout &LayoutCache::layout(const QModelIndex &index, const Tokens &tokens)
{
    // The day lines say "Today".
    const QDate today = QDate::currentDate();
    if (std::exchange(m_today, today) != today)
        m_layouts.clear();
    const Id id = idOf(index);
    if (const MessageLayout *known = m_layouts.object(id))
        return *known;
    const auto *model = qobject_cast<const MessageModel *>(index.model());
    const LayoutContext context{
        .fonts = m_fonts,
        .tokens = tokens,
        .width = m_width,
        .today = today,
        .self = model != nullptr ? model->selfName() : QString(),
        .folding = m_unfolded.contains(id) ? Folding::Unfolded : Folding::Folded,
        .direction = QGuiApplication::layoutDirection(),
    };
    auto *made = new MessageLayout(MessageRow::from(index), context);
    ++m_made;
    m_heights.insert(id, {made->height, made->sameHeightFrom});
    m_layouts.insert(id, made);
    return *made;
}

int LayoutCache::height(const QModelIndex &index, const Tokens &tokens)
{
    const auto known = m_heights.constFind(idOf(index));
    return known != m_heights.cend() ? known->pixels : layout(index, tokens).height;
}

void LayoutCache::toggleFolding(const QModelIndex &index)
{
    const Id id = idOf(index);
    if (!m_unfolded.remove(id))
        m_unfolded.insert(id);
    drop(index);
}

} // namespace parlor::gui
