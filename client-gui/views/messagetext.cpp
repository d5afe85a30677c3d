// SPDX-License-Identifier: MIT
#include "client-gui/views/messagetext.h"

#include "client-gui/models/harmless.h"
#include "client-gui/models/mention.h"
#include "client-gui/views/weblink.h"

#include <optional>
#include <utility>

namespace parlor::gui {

namespace {

using Kind = MessageText::Kind;
using Range = MessageText::Range;

/// A stretch of the text, as it was written.
struct Piece
{
    enum class Kind { Text, Code, CodeBlock, Link, Mention, Strong, Emphasis };
    Kind kind = Kind::Text;
    QStringView text;
    QString href{};
    qsizetype partner = -1; ///< of Strong and Emphasis: the piece at the other end; without one it is text
    bool mayOpen = false;
    bool mayClose = false;
};

/// Cuts a text into pieces, in one pass.
class Scanner
{
public:
    Scanner(QStringView text, const QString &self)
        : m_text(text)
        , m_self(self)
    {
    }

    QList<Piece> scan()
    {
        while (m_at < m_text.size()) {
            if (!scanSpecial())
                ++m_at;
        }
        flush();
        return std::move(m_pieces);
    }

private:
    bool scanSpecial()
    {
        switch (m_text[m_at].unicode()) {
        case u'`':
            return scanFence() || scanCode();
        case u'*':
            return scanStars();
        case u'h':
        case u'H':
            return scanLink();
        case u'@':
            if (!isMentionAt(m_text, m_at, m_self))
                return false;
            take(Piece{Piece::Kind::Mention, m_text.mid(m_at, 1 + m_self.size())}, 1 + m_self.size());
            return true;
        default:
            return false;
        }
    }

    bool scanFence()
    {
        const QStringView fence = u"```";
        if (m_noMoreFences || !m_text.mid(m_at).startsWith(fence))
            return false;
        const qsizetype end = m_text.indexOf(fence, m_at + fence.size());
        m_noMoreFences = end < 0;
        if (end < 0)
            return false;
        QStringView body = m_text.mid(m_at + fence.size(), end - m_at - fence.size());
        // "```cpp" names a language, which is not shown.
        const qsizetype line = body.indexOf(u'\n');
        if (line >= 0 && !body.left(line).contains(u' '))
            body = body.mid(line + 1);
        if (body.endsWith(u'\n'))
            body.chop(1);
        if (body.trimmed().isEmpty())
            return false;
        take(Piece{Piece::Kind::CodeBlock, body}, end + fence.size() - m_at);
        return true;
    }

    bool scanCode()
    {
        const qsizetype end = m_text.indexOf(u'`', m_at + 1);
        const QStringView body = end < 0 ? QStringView() : m_text.mid(m_at + 1, end - m_at - 1);
        if (body.trimmed().isEmpty() || body.contains(u'\n')) {
            // What lies before the next backtick was looked at; it is not looked at again.
            m_at += end == m_at + 1 ? 2 : 1;
            return true;
        }
        take(Piece{Piece::Kind::Code, body}, end + 1 - m_at);
        return true;
    }

    bool scanStars()
    {
        qsizetype end = m_at;
        while (end < m_text.size() && m_text[end] == u'*')
            ++end;
        const qsizetype count = end - m_at;
        const QChar before = m_at > 0 ? m_text[m_at - 1] : QChar(u' ');
        const QChar after = end < m_text.size() ? m_text[end] : QChar(u' ');
        Piece piece{count == 2 ? Piece::Kind::Strong : Piece::Kind::Emphasis, m_text.mid(m_at, count)};
        piece.mayOpen = !after.isSpace() && !before.isLetterOrNumber();
        piece.mayClose = !before.isSpace() && !after.isLetterOrNumber();
        if (count > 2 || (!piece.mayOpen && !piece.mayClose)) {
            m_at = end; // a row of stars is just that
            return true;
        }
        take(std::move(piece), count);
        return true;
    }

    bool scanLink()
    {
        if (m_at > 0 && (m_text[m_at - 1].isLetterOrNumber() || m_text[m_at - 1] == u'_'))
            return false;
        const WebLink link = webLinkAt(m_text.mid(m_at));
        if (link.scanned == 0)
            return false;
        if (link.href.isEmpty())
            m_at += link.scanned; // so that a second look at the same text cannot come about
        else
            take(Piece{Piece::Kind::Link, m_text.mid(m_at, link.length), link.href}, link.length);
        return true;
    }

    void take(Piece piece, qsizetype length)
    {
        flush();
        m_pieces.append(std::move(piece));
        m_at += length;
        m_plainFrom = m_at;
    }

    void flush()
    {
        if (m_at > m_plainFrom)
            m_pieces.append(Piece{Piece::Kind::Text, m_text.mid(m_plainFrom, m_at - m_plainFrom)});
        m_plainFrom = m_at;
    }

    QStringView m_text;
    const QString &m_self;
    QList<Piece> m_pieces;
    qsizetype m_at = 0;
    qsizetype m_plainFrom = 0;
    bool m_noMoreFences = false;
};

/// Finds for each pair of stars its partner, within a line and without crossing.
void pairStars(QList<Piece> &pieces)
{
    std::optional<qsizetype> strong;
    std::optional<qsizetype> emphasis;
    for (qsizetype i = 0; i < pieces.size(); ++i) {
        Piece &piece = pieces[i];
        if (piece.kind == Piece::Kind::CodeBlock ||
            (piece.kind == Piece::Kind::Text && piece.text.contains(u'\n'))) {
            strong.reset();
            emphasis.reset();
        }
        if (piece.kind != Piece::Kind::Strong && piece.kind != Piece::Kind::Emphasis)
            continue;
        auto &open = piece.kind == Piece::Kind::Strong ? strong : emphasis;
        auto &other = piece.kind == Piece::Kind::Strong ? emphasis : strong;
        if (open && piece.mayClose && i > *open + 1) {
            piece.partner = *open;
            pieces[*open].partner = i;
            if (other && *other > *open)
                other.reset(); // it would end outside
            open.reset();
        } else if (piece.mayOpen) {
            open = i;
        }
    }
}

/// Puts the pieces together again as they are shown.
class Writer
{
public:
    MessageText write(const QList<Piece> &pieces)
    {
        for (qsizetype i = 0; i < pieces.size(); ++i)
            write(pieces[i], i);
        return std::move(m_out);
    }

private:
    void write(const Piece &piece, qsizetype index)
    {
        if (std::exchange(m_afterBlock, false) && !piece.text.startsWith(u'\n'))
            m_out.display += u'\n';
        switch (piece.kind) {
        case Piece::Kind::Text:
            m_out.display += piece.text;
            break;
        case Piece::Kind::Code:
            mark(Kind::Code, QChar(QChar::Nbsp) + piece.text + QChar(QChar::Nbsp));
            break;
        case Piece::Kind::CodeBlock:
            if (!m_out.display.isEmpty() && !m_out.display.endsWith(u'\n'))
                m_out.display += u'\n';
            mark(Kind::CodeBlock, piece.text.toString());
            m_afterBlock = true;
            break;
        case Piece::Kind::Link:
            mark(Kind::Link, piece.text.toString(), piece.href);
            break;
        case Piece::Kind::Mention:
            mark(Kind::Mention, piece.text.toString());
            break;
        case Piece::Kind::Strong:
        case Piece::Kind::Emphasis:
            writeStars(piece, index);
            break;
        }
    }

    void writeStars(const Piece &piece, qsizetype index)
    {
        if (piece.partner < 0) {
            m_out.display += piece.text;
        } else if (piece.partner > index) {
            m_opened.append(m_out.ranges.size());
            const Kind kind = piece.kind == Piece::Kind::Strong ? Kind::Bold : Kind::Italic;
            m_out.ranges.append(Range{kind, m_out.display.size(), 0});
        } else {
            Range &range = m_out.ranges[m_opened.takeLast()];
            range.length = m_out.display.size() - range.start;
        }
    }

    void mark(Kind kind, const QString &text, const QString &href = {})
    {
        m_out.ranges.append(Range{kind, m_out.display.size(), text.size(), href});
        m_out.display += text;
    }

    MessageText m_out;
    QList<qsizetype> m_opened; ///< ranges that wait for their end; pairs do not cross
    bool m_afterBlock = false;
};

} // namespace

MessageText parseMessage(QStringView text, const QString &self)
{
    const QString clean = harmless(text, kShownCodePoints);
    QList<Piece> pieces = Scanner(clean, self).scan();
    pairStars(pieces);
    return Writer().write(pieces);
}

} // namespace parlor::gui
