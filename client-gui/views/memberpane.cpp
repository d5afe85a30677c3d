// SPDX-License-Identifier: MIT
#include "client-gui/views/memberpane.h"

#include "client-gui/look/theme.h"
#include "client-gui/models/memberlistmodel.h"
#include "client-gui/views/memberdelegate.h"
#include "client-gui/views/moderationmenu.h"
#include "client-gui/views/rowlist.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>

namespace parlor::gui {

MemberPane::MemberPane(Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_caption(new QLabel)
    , m_list(new RowList)
    , m_more(new QLabel)
{
    setObjectName(QStringLiteral("memberPane"));
    setAttribute(Qt::WA_StyledBackground);
    m_caption->setObjectName(QStringLiteral("memberCaption"));
    m_caption->setProperty("look", QStringLiteral("caption"));
    m_more->setProperty("look", QStringLiteral("muted"));
    m_more->setWordWrap(true);
    m_list->setObjectName(QStringLiteral("userList"));
    m_list->setAccessibleName(tr("Members"));
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_list, &QWidget::customContextMenuRequested, this, &MemberPane::showMenu);
    m_list->setItemDelegate(new MemberDelegate(theme, m_list));

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 20, 12, 12);
    column->setSpacing(8);
    column->addWidget(m_caption);
    column->addWidget(m_list, 1);
    column->addWidget(m_more);
    connect(&theme, &Theme::changed, m_list->viewport(), qOverload<>(&QWidget::update));
    updateCaption();
}

void MemberPane::setMembers(MemberListModel *members)
{
    if (m_members)
        m_members->disconnect(this);
    m_members = members;
    m_list->setModel(members);
    if (members) {
        for (const auto changed : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
            connect(members, changed, this, &MemberPane::updateCaption);
        connect(members, &QAbstractItemModel::modelReset, this, &MemberPane::updateCaption);
        connect(members, &MemberListModel::countChanged, this, &MemberPane::updateCaption);
    }
    updateCaption();
}

void MemberPane::showMenu(const QPoint &at)
{
    QModelIndex index = m_list->indexAt(at);
    if (!index.isValid())
        index = m_list->currentIndex(); // by the keyboard
    if (!m_moderating || !index.isValid() || index.data(MemberListModel::SelfRole).toBool())
        return;
    const QString name = index.data(MemberListModel::NameRole).toString();
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("memberMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addModeration(*menu, index.data(MemberListModel::UserRole).toString(), m_room,
                  [this, name](const ModerationAct &act) { Q_EMIT moderationRequested(act, name); });
    menu->popup(m_list->viewport()->mapToGlobal(at));
}

void MemberPane::updateCaption()
{
    const bool known = m_members && m_members->isKnown();
    const quint64 count = known ? m_members->count() : 0;
    m_caption->setText(known ? tr("MEMBERS · %1").arg(QLocale().toString(count)) : tr("MEMBERS"));
    const quint64 listed = m_members ? static_cast<quint64>(m_members->rowCount()) : 0;
    m_more->setText(tr("and %1 more").arg(QLocale().toString(count > listed ? count - listed : 0)));
    m_more->setVisible(count > listed);
}

} // namespace parlor::gui
