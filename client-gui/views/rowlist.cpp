// SPDX-License-Identifier: MIT
#include "client-gui/views/rowlist.h"

#include "client-gui/views/typedkey.h"

#include <QKeyEvent>

namespace parlor::gui {

RowList::RowList(QWidget *parent)
    : QListView(parent)
{
    setMouseTracking(true);
    setUniformItemSizes(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
}

void RowList::keyPressEvent(QKeyEvent *event)
{
    if (isTyped(*event))
        event->ignore();
    else
        QListView::keyPressEvent(event);
}

} // namespace parlor::gui
