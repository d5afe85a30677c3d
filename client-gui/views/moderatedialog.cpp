// SPDX-License-Identifier: MIT
#include "client-gui/views/moderatedialog.h"

#include "client-gui/views/fitheight.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <utility>

namespace parlor::gui {

namespace {

using namespace std::chrono_literals;

constexpr int kMostReason = 130; ///< UTF-16 units; the server reads 400 bytes

} // namespace

ModerateDialog::ModerateDialog(ModerationAct act, const QString &name, QWidget *parent)
    : QDialog(parent)
    , m_act(std::move(act))
    , m_duration(new QComboBox)
    , m_reason(new QLineEdit)
{
    const bool isBan = m_act.action == ModerationAct::Action::Ban;
    const QString question = isBan ? tr("Ban %1?").arg(name) : tr("Kick %1?").arg(name);
    setObjectName(QStringLiteral("moderateDialog"));
    setWindowTitle(question);
    setAttribute(Qt::WA_DeleteOnClose);
    auto *title = new QLabel(question);
    title->setProperty("look", QStringLiteral("title"));
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    auto *text = new QLabel(
        isBan ? tr("Every connection of this person ends, and nobody gets in as them until the ban ends.")
              : tr("Every connection of this person ends. They can come back at once."));
    text->setWordWrap(true);
    m_duration->setObjectName(QStringLiteral("moderateDuration"));
    m_duration->setAccessibleName(tr("For how long"));
    m_duration->addItem(tr("1 hour"), QVariant::fromValue<qint64>(std::chrono::milliseconds(1h).count()));
    m_duration->addItem(tr("1 day"), QVariant::fromValue<qint64>(std::chrono::milliseconds(24h).count()));
    m_duration->addItem(tr("1 week"),
                        QVariant::fromValue<qint64>(std::chrono::milliseconds(7 * 24h).count()));
    m_duration->addItem(tr("For ever"));
    m_duration->setCurrentIndex(1);
    auto *durationLabel = new QLabel(tr("For &how long"));
    durationLabel->setBuddy(m_duration);
    m_reason->setObjectName(QStringLiteral("moderateReason"));
    m_reason->setAccessibleName(tr("Reason"));
    m_reason->setPlaceholderText(tr("This person is told; may be empty"));
    m_reason->setMaxLength(kMostReason);
    auto *reasonLabel = new QLabel(tr("&Reason"));
    reasonLabel->setBuddy(m_reason);
    if (!isBan) {
        durationLabel->hide();
        m_duration->hide();
    }
    auto *accepts = new QPushButton(isBan ? tr("Ban") : tr("Kick"));
    accepts->setObjectName(QStringLiteral("moderateAccept"));
    accepts->setAutoDefault(false);
    auto *cancel = new QPushButton(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("moderateCancel"));
    cancel->setProperty("look", QStringLiteral("primary"));
    cancel->setDefault(true);

    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(accepts);
    buttons->addWidget(cancel);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 24);
    column->setSpacing(8);
    column->addWidget(title);
    column->addWidget(text);
    column->addSpacing(4);
    column->addWidget(durationLabel);
    column->addWidget(m_duration);
    column->addWidget(reasonLabel);
    column->addWidget(m_reason);
    column->addSpacing(12);
    column->addLayout(buttons);
    setMinimumWidth(420);
    m_reason->setFocus();

    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(accepts, &QPushButton::clicked, this, [this, isBan] {
        m_act.reason = m_reason->text().trimmed();
        const QVariant duration = m_duration->currentData();
        if (isBan && duration.isValid())
            m_act.duration = std::chrono::milliseconds(duration.toLongLong());
        accept();
        Q_EMIT decided(m_act);
    });
}

void ModerateDialog::showEvent(QShowEvent *event)
{
    QDialog::showEvent(event);
    fitHeight(*this); // the style sheet has made its parts higher by now
}

} // namespace parlor::gui
