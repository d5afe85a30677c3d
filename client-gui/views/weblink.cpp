// SPDX-License-Identifier: MIT
#include "client-gui/views/weblink.h"

#include <QUrl>

namespace parlor::gui {

namespace {

/// Where an address certainly ends.
bool isBoundary(QChar c)
{
    static constexpr QStringView kOthers = u"<>\"`\\^|“”„«»‹›、。，「」『』（）！？：；\ufffd";
    return c.isSpace() || c.unicode() < 0x20 || kOthers.contains(c);
}

bool endsSentence(QChar c)
{
    static constexpr QStringView kMarks = u".,;:!?'*…’";
    return kMarks.contains(c);
}

/// The part of a stretch without spaces that is the address.
QStringView withoutPunctuation(QStringView text)
{
    struct Pair
    {
        QChar open;
        QChar close;
        qsizetype surplus; ///< of closing ones
    };
    Pair pairs[] = {{u'(', u')', 0}, {u'[', u']', 0}, {u'{', u'}', 0}};
    for (Pair &pair : pairs)
        pair.surplus = text.count(pair.close) - text.count(pair.open);
    while (!text.isEmpty()) {
        const QChar last = text.back();
        bool drop = endsSentence(last);
        for (Pair &pair : pairs) {
            if (last == pair.open) {
                drop = true;
                ++pair.surplus;
            } else if (last == pair.close && pair.surplus > 0) {
                drop = true;
                --pair.surplus;
            }
        }
        if (!drop)
            break;
        text.chop(1);
    }
    return text;
}

} // namespace

WebLink webLinkAt(QStringView text)
{
    qsizetype scheme = 0;
    for (const QStringView each : {u"http://", u"https://"}) {
        if (text.startsWith(each, Qt::CaseInsensitive))
            scheme = each.size();
    }
    if (scheme == 0)
        return {};
    WebLink link{.length = 0, .scanned = scheme};
    while (link.scanned < text.size() && !isBoundary(text[link.scanned]))
        ++link.scanned;
    const QStringView address = withoutPunctuation(text.left(link.scanned));
    if (address.size() <= scheme)
        return link;
    const QUrl url(address.toString(), QUrl::TolerantMode);
    const bool speaksHttp = url.scheme() == u"http" || url.scheme() == u"https";
    if (!url.isValid() || !speaksHttp || url.host().isEmpty() || url.host().startsWith(u'.') ||
        !url.userInfo().isEmpty())
        return link;
    link.length = address.size();
    link.href = url.toString(QUrl::FullyEncoded);
    return link;
}

} // namespace parlor::gui
