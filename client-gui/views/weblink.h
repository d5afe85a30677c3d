// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::gui {

/// An address of the web at the beginning of a text.
struct WebLink
{
    qsizetype length = 0;  ///< of what is the link
    qsizetype scanned = 0; ///< of what was looked at; 0: no scheme is there
    QString href{};        ///< encoded, the host in ASCII; empty: it is none
};

/// http and https only, with a host and without a user's name (which hides the host from the eye).
/// Punctuation at the end, and brackets that were opened before it, belong to the sentence.
[[nodiscard]] WebLink webLinkAt(QStringView text);

} // namespace parlor::gui
