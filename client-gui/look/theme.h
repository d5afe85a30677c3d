// SPDX-License-Identifier: MIT
#pragma once

#include "client-gui/look/tokens.h"

#include <QIcon>
#include <QObject>

namespace parlor::gui {

enum class Scheme { System, Light, Dark };

/// The look of the moment: Fusion, our palette and style sheet on the whole application. Made once, before
/// the first widget; widgets hold it by reference and paint with its tokens.
class Theme : public QObject
{
    Q_OBJECT
public:
    /// Needs a QApplication. It reads from the palette of the moment whether the system is dark.
    explicit Theme(QObject *parent = nullptr);

    void setScheme(Scheme scheme);
    [[nodiscard]] Scheme scheme() const { return m_scheme; }
    [[nodiscard]] const Tokens &tokens() const { return *m_tokens; }
    /// One of resources/icons, in a colour.
    [[nodiscard]] static QIcon icon(const QString &name, const QColor &color);

Q_SIGNALS:
    void changed();

private:
    void apply();

    bool m_systemIsDark;
    Scheme m_scheme = Scheme::System;
    const Tokens *m_tokens;
};

} // namespace parlor::gui
