// SPDX-License-Identifier: MIT
#include "client-gui/views/connectionbanner.h"

#include "client-gui/look/theme.h"
#include "client-gui/views/elidedlabel.h"
#include "client-gui/views/restyle.h"
#include "client-gui/views/textbox.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace parlor::gui {

namespace {

QString moodName(ConnectionModel::Mood mood)
{
    switch (mood) {
    case ConnectionModel::Mood::Warning:
        return QStringLiteral("warning");
    case ConnectionModel::Mood::Error:
        return QStringLiteral("error");
    case ConnectionModel::Mood::Good:
        return QStringLiteral("good");
    }
    return {};
}

} // namespace

ConnectionBanner::ConnectionBanner(ConnectionModel &connection, Theme &theme, QWidget *parent)
    : QFrame(parent)
    , m_connection(connection)
    , m_theme(theme)
    , m_icon(new QLabel)
    , m_text(new ElidedLabel)
    , m_details(new TextBox(TextBox::Place::Window))
    , m_action(new QPushButton)
    , m_detailsButton(new QPushButton(tr("Details")))
{
    setObjectName(QStringLiteral("connectionBanner"));
    m_text->setObjectName(QStringLiteral("bannerText"));
    m_text->setTextFormat(Qt::PlainText);
    m_details->label().setObjectName(QStringLiteral("bannerDetails"));
    m_details->label().setAccessibleName(tr("Details of the connection problem"));
    m_details->hide();
    m_action->setObjectName(QStringLiteral("retryButton"));
    m_action->setFocusPolicy(Qt::TabFocus); // who clicks it goes on writing
    m_detailsButton->setFocusPolicy(Qt::TabFocus);
    m_action->setProperty("look", QStringLiteral("bannerAction"));
    m_detailsButton->setObjectName(QStringLiteral("bannerDetailsButton"));
    m_detailsButton->setProperty("look", QStringLiteral("bannerLink"));
    m_detailsButton->setCheckable(true);

    auto *row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_icon);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_detailsButton);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 8, 16, 8);
    column->setSpacing(6);
    column->addLayout(row);
    column->addWidget(m_details);

    connect(m_action, &QPushButton::clicked, this, &ConnectionBanner::act);
    connect(m_detailsButton, &QPushButton::toggled, m_details, &QWidget::setVisible);
    connect(m_text, &ElidedLabel::cutChanged, this, &ConnectionBanner::updateDetails);
    connect(&connection, &ConnectionModel::bannerChanged, this, &ConnectionBanner::update);
    connect(&theme, &Theme::changed, this, &ConnectionBanner::update);
    update();
}

void ConnectionBanner::act()
{
    const auto banner = m_connection.banner();
    if (!banner)
        return;
    switch (banner->action) {
    case ConnectionModel::Action::RetryNow:
    case ConnectionModel::Action::ComeBack:
        Q_EMIT retryRequested();
        break;
    case ConnectionModel::Action::Cancel:
        Q_EMIT cancelRequested();
        break;
    case ConnectionModel::Action::Connect:
        Q_EMIT connectRequested();
        break;
    case ConnectionModel::Action::None:
        break;
    }
}

void ConnectionBanner::update()
{
    const auto &banner = m_connection.banner();
    if ((!banner || banner->action == ConnectionModel::Action::None) && m_action->hasFocus())
        Q_EMIT focusGivenUp();
    setVisible(banner.has_value());
    if (!banner) {
        m_detailsButton->setChecked(false);
        return;
    }
    const Tokens &tokens = m_theme.tokens();
    QColor color = tokens.warning;
    QString icon = QStringLiteral("refresh");
    if (banner->mood == ConnectionModel::Mood::Error) {
        color = tokens.error;
        icon = QStringLiteral("alert");
    } else if (banner->mood == ConnectionModel::Mood::Good) {
        color = tokens.accent;
        icon = QStringLiteral("check");
    }
    m_icon->setPixmap(Theme::icon(icon, color).pixmap(QSize(18, 18), devicePixelRatioF()));
    const bool changes = property("mood").toString() != moodName(banner->mood);
    setProperty("mood", moodName(banner->mood));
    if (changes)
        restyle(*this);
    m_text->setText(banner->lead, banner->text);

    switch (banner->action) {
    case ConnectionModel::Action::RetryNow:
        m_action->setText(tr("Retry now"));
        break;
    case ConnectionModel::Action::Cancel:
        m_action->setText(tr("Cancel"));
        break;
    case ConnectionModel::Action::ComeBack:
        m_action->setText(tr("Come back"));
        break;
    case ConnectionModel::Action::Connect:
        m_action->setText(tr("Connect…"));
        break;
    case ConnectionModel::Action::None:
        break;
    }
    m_action->setVisible(banner->action != ConnectionModel::Action::None);
    updateDetails();

    if (m_text->accessibleName() != banner->lead) { // not each second of a countdown
        m_text->setAccessibleName(banner->lead);
        QAccessibleEvent event(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
    }
}

void ConnectionBanner::updateDetails()
{
    const auto &banner = m_connection.banner();
    if (!banner)
        return;
    // An error says its cause in the banner itself.
    const bool hasDetails = !banner->details.isEmpty() && banner->mood == ConnectionModel::Mood::Warning;
    const bool isNeeded = hasDetails || m_text->isCut();
    m_detailsButton->setVisible(isNeeded);
    if (!isNeeded)
        m_detailsButton->setChecked(false);
    QStringList texts;
    if (m_text->isCut())
        texts.append(m_text->text());
    if (hasDetails)
        texts.append(banner->details);
    if (!m_details->label().hasSelectedText()) // not each second of a countdown
        m_details->setText(texts.join(u'\n'));
}

} // namespace parlor::gui
