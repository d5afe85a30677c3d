// SPDX-License-Identifier: MIT
#include "client-gui/models/harmless.h"
#include "client-gui/views/messagetext.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor::gui;
using namespace Qt::StringLiterals;

using Kind = MessageText::Kind;

class TestMessageText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void links_data();
    void links();
    void marks_data();
    void marks();
    void blocks_data();
    void blocks();
    void harmlessText_data();
    void harmlessText();
    void noControlSurvives();
    void longTextsAreCut();
    void hostileTexts_data();
    void hostileTexts();

private:
    /// The display text with its ranges written into it: `a [link:b] c`.
    static QString written(const MessageText &text);
};

QString TestMessageText::written(const MessageText &text)
{
    static const QMap<Kind, QString> names{{Kind::Link, u"link"_s}, {Kind::Mention, u"mention"_s},
                                           {Kind::Code, u"code"_s}, {Kind::CodeBlock, u"block"_s},
                                           {Kind::Bold, u"bold"_s}, {Kind::Italic, u"italic"_s}};
    QString out;
    for (qsizetype at = 0; at <= text.display.size(); ++at) {
        for (const auto &range : text.ranges) {
            if (range.start + range.length == at)
                out += u']';
        }
        for (const auto &range : text.ranges) {
            if (range.start == at)
                out += u'[' + names[range.kind] + u':';
        }
        if (at < text.display.size())
            out += text.display[at] == QChar(QChar::Nbsp) ? QChar(u'~') : text.display[at];
    }
    return out;
}

void TestMessageText::links_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown"); // of the link; empty: there is none
    QTest::addColumn<QString>("href");
    const auto same = [](const char *name, const QString &text, const QString &link) {
        QTest::newRow(name) << text << link << link;
    };
    same("alone", u"https://parlor.example/runs/118"_s, u"https://parlor.example/runs/118"_s);
    same("http", u"see http://a.example/ now"_s, u"http://a.example/"_s);
    same("full stop", u"See https://a.example/b."_s, u"https://a.example/b"_s);
    same("comma and more", u"https://a.example/b,!?;: x"_s, u"https://a.example/b"_s);
    same("brackets around", u"(https://a.example/b)"_s, u"https://a.example/b"_s);
    same("brackets within", u"https://a.example/b_(c)"_s, u"https://a.example/b_(c)"_s);
    same("both", u"(see https://a.example/b_(c))."_s, u"https://a.example/b_(c)"_s);
    same("angles", u"<https://a.example/b>"_s, u"https://a.example/b"_s);
    same("quotes", u"\"https://a.example/b\""_s, u"https://a.example/b"_s);
    same("typographic quotes", u"“https://a.example/b”"_s, u"https://a.example/b"_s);
    same("port", u"http://localhost:8000/health"_s, u"http://localhost:8000/health"_s);
    same("IPv4", u"http://10.0.0.1:8000"_s, u"http://10.0.0.1:8000"_s);
    same("IPv6", u"at http://[::1]:8000/ws, yes"_s, u"http://[::1]:8000/ws"_s);
    same("IPv6 in brackets", u"[http://[::1]]"_s, u"http://[::1]"_s);
    same("query and fragment", u"https://a.example/?q=1&r=%20x#top"_s,
         u"https://a.example/?q=1&r=%20x#top"_s);
    same("line end", u"https://a.example/b\nc"_s, u"https://a.example/b"_s);
    same("ideographic full stop", u"见https://a.example/b。好"_s, QString());
    same("before an ideographic full stop", u"见 https://a.example/b。好"_s, u"https://a.example/b"_s);
    same("apostrophe", u"'https://a.example/b'"_s, u"https://a.example/b"_s);
    same("bold", u"**https://a.example/b**"_s, u"https://a.example/b"_s);
    QTest::newRow("capitals") << u"HTTPS://A.example/B"_s << u"HTTPS://A.example/B"_s
                              << u"https://a.example/B"_s;
    QTest::newRow("letters beyond ASCII") << u"https://bücher.example/ü"_s << u"https://bücher.example/ü"_s
                                          << u"https://xn--bcher-kva.example/%C3%BC"_s;
    same("no scheme", u"www.a.example a.example/b"_s, {});
    same("other schemes", u"ftp://a.example javascript:alert(1) file:///etc/passwd"_s, {});
    same("scheme alone", u"https:// and http://."_s, {});
    same("within a word", u"xhttps://a.example"_s, {});
    same("no slashes", u"http:a.example https:/a.example"_s, {});
    same("a user's name hides the host", u"https://bank.example@evil.example/"_s, {});
    same("a password too", u"https://bank.example:443@evil.example/"_s, {});
    same("a port that cannot be", u"http://a.example:99999/"_s, {});
    same("a broken IPv6", u"http://[::1/"_s, {});
    same("in code", u"`https://a.example`"_s, {});
    QTest::newRow("override of direction ends it")
        << u"https://a.example/\u202egpj.exe"_s << u"https://a.example/"_s << u"https://a.example/"_s;
}

void TestMessageText::links()
{
    QFETCH(QString, text);
    QFETCH(QString, shown);
    QFETCH(QString, href);
    const MessageText parsed = parseMessage(text, {});
    QStringList found;
    QStringList hrefs;
    for (const auto &range : parsed.ranges) {
        if (range.kind != Kind::Link)
            continue;
        found.append(parsed.display.mid(range.start, range.length));
        hrefs.append(range.href);
    }
    QCOMPARE(found, shown.isEmpty() ? QStringList() : QStringList(shown));
    QCOMPARE(hrefs, href.isEmpty() ? QStringList() : QStringList(href));
}

void TestMessageText::marks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char *name, const QString &text, const QString &shown) {
        QTest::newRow(name) << text << shown;
    };
    row("plain", u"hello, world"_s, u"hello, world"_s);
    row("nothing", {}, {});
    row("code", u"try `a b` now"_s, u"try [code:~a b~] now"_s);
    row("stars in code", u"`**a**`"_s, u"[code:~**a**~]"_s);
    row("code that is not closed", u"try `a b"_s, u"try `a b"_s);
    row("code over two lines", u"`a\nb`"_s, u"`a\nb`"_s);
    row("empty code", u"`` ` ` ``"_s, u"`` ` ` ``"_s);
    row("two codes", u"`a` and `b`"_s, u"[code:~a~] and [code:~b~]"_s);
    row("bold", u"a **b c** d"_s, u"a [bold:b c] d"_s);
    row("italic", u"a *b c* d"_s, u"a [italic:b c] d"_s);
    row("italic in bold", u"**a *b* c**"_s, u"[bold:a [italic:b] c]"_s);
    row("bold in italic", u"*a **b** c*"_s, u"[italic:a [bold:b] c]"_s);
    row("crossing", u"**a *b** c*"_s, u"[bold:a *b] c*"_s);
    row("link in bold", u"**see http://a.example/**"_s, u"[bold:see [link:http://a.example/]]"_s);
    row("sums", u"2*3*4 and 5 * 6 * 7"_s, u"2*3*4 and 5 * 6 * 7"_s);
    row("powers", u"2**3**4"_s, u"2**3**4"_s);
    row("list", u"* one\n* two"_s, u"* one\n* two"_s);
    row("over two lines", u"*a\nb*"_s, u"*a\nb*"_s);
    row("not closed", u"**a"_s, u"**a"_s);
    row("nothing between", u"**** and ** **"_s, u"**** and ** **"_s);
    row("three stars", u"***a***"_s, u"***a***"_s);
    row("pattern", u"rm *.cpp *.h"_s, u"rm *.cpp *.h"_s);
    row("punctuation after", u"(*a*), **b**."_s, u"([italic:a]), [bold:b]."_s);
    row("mention", u"@jun and @Jun, not @june"_s, u"[mention:@jun] and [mention:@Jun], not @june"_s);
    row("mention in bold", u"**@jun**"_s, u"[bold:[mention:@jun]]"_s);
    row("mention in code", u"`@jun`"_s, u"[code:~@jun~]"_s);
    row("markup of others", u"<b>a</b> &amp; <img src=x>"_s, u"<b>a</b> &amp; <img src=x>"_s);
}

void TestMessageText::marks()
{
    QFETCH(QString, text);
    QTEST(written(parseMessage(text, u"jun"_s)), "shown");
}

void TestMessageText::blocks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char *name, const QString &text, const QString &shown) {
        QTest::newRow(name) << text << shown;
    };
    row("alone", u"```\na\nb\n```"_s, u"[block:a\nb]"_s);
    row("language", u"```cpp\nint a;\n```"_s, u"[block:int a;]"_s);
    row("on one line", u"```a b```"_s, u"[block:a b]"_s);
    row("between text", u"x\n```\na\n```\ny"_s, u"x\n[block:a]\ny"_s);
    row("within a line", u"x ```a``` y"_s, u"x \n[block:a]\n y"_s);
    row("indented", u"```\n  a\n```"_s, u"[block:  a]"_s);
    row("before bold", u"```a```**b**"_s, u"[block:a]\n[bold:b]"_s);
    row("two", u"```a``````b```"_s, u"[block:a]\n[block:b]"_s);
    row("marks in it", u"```\n**a** `b` @jun http://a.example\n```"_s,
        u"[block:**a** `b` @jun http://a.example]"_s);
    row("not closed", u"```\na"_s, u"```\na"_s);
    row("empty", u"```\n```"_s, u"```\n```"_s);
    row("stars do not reach over it", u"*a ```b``` c*"_s, u"*a \n[block:b]\n c*"_s);
}

void TestMessageText::blocks()
{
    QFETCH(QString, text);
    QTEST(written(parseMessage(text, u"jun"_s)), "shown");
}

void TestMessageText::harmlessText_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    const auto row = [](const char *name, const QString &text, const QString &shown) {
        QTest::newRow(name) << text << shown;
    };
    row("plain", u"Grüße, 世界 👋"_s, u"Grüße, 世界 👋"_s);
    row("family emoji keeps its joiners", u"👩\u200d👧"_s, u"👩\u200d👧"_s);
    row("tab", u"a\tb"_s, u"a\tb"_s);
    row("Windows line end", u"a\r\nb\rc"_s, u"a\nb\nc"_s);
    row("other line ends", u"a\u2028b\u2029c\u0085d\fe\vf"_s, u"a\nb\nc\nd\ne\nf"_s);
    row("escape", u"\x1b[31m"_s, u"\ufffd[31m"_s);
    row("override", u"a\u202ebc"_s, u"a\ufffdbc"_s);
    row("isolates", u"\u2066x\u2069"_s, u"\ufffdx\ufffd"_s);
    row("marks of direction", u"a\u200e\u200f\u061cb"_s, u"ab"_s);
    row("hidden ones", u"a\ufeff\u200b\u2060b"_s, u"ab"_s);
    row("tags", u"a"_s + QString::fromUcs4(U"\U000e0041", 1), u"a"_s);
    const QString wales = u"\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F"_s;
    row("flag of Wales", wales, wales);
    row("object", u"a\ufffcb"_s, u"a\ufffdb"_s);
    row("half a pair", QString(QChar(0xd800)) + u'b', u"\ufffdb"_s);
    row("no character", u"a"_s + QChar(0xffff), u"a\ufffd"_s);
}

void TestMessageText::harmlessText()
{
    QFETCH(QString, text);
    QTEST(harmless(text), "shown");
}

void TestMessageText::noControlSurvives()
{
    for (char32_t c = 0; c < 0x3000; ++c) {
        for (const QChar each : harmless(QString::fromUcs4(&c, 1))) {
            const bool isLayout = each == u'\n' || each == u'\t';
            QVERIFY2(isLayout || each.category() != QChar::Other_Control, qPrintable(QString::number(c, 16)));
            const QChar::Direction direction = each.direction();
            QVERIFY2(direction != QChar::DirRLO && direction != QChar::DirLRO && direction != QChar::DirRLE &&
                         direction != QChar::DirLRE && direction != QChar::DirRLI &&
                         direction != QChar::DirLRI && direction != QChar::DirFSI,
                     qPrintable(QString::number(c, 16)));
        }
    }
}

void TestMessageText::longTextsAreCut()
{
    const QString exact(kShownCodePoints, u'a');
    QCOMPARE(parseMessage(exact, {}).display, exact);
    QCOMPARE(parseMessage(QString(exact + u'b'), {}).display, QString(exact + u'…'));
    // By code points, not within one.
    const QString waves = u"👋"_s.repeated(kShownCodePoints);
    QCOMPARE(parseMessage(waves, {}).display, waves);
    QCOMPARE(parseMessage(QString(waves + waves), {}).display, QString(waves + u'…'));
    QCOMPARE(harmless(QString(waves + waves)), QString(waves + waves));
}

void TestMessageText::hostileTexts_data()
{
    QTest::addColumn<QString>("unit");
    for (const char *unit :
         {"`",    "``",      "```",           "*",        "**", "*a", "**a ",     "a*",   "@",
          "@jun", "http://", "https://a.b ",  "http://(", "(",  ")",  "http://@", "`a` ", "```\n",
          "\n",   "*`",      "**http://a/**", "\t"})
        QTest::newRow(unit) << QString::fromLatin1(unit);
}

void TestMessageText::hostileTexts()
{
    QFETCH(QString, unit);
    const MessageText text = parseMessage(unit.repeated(64 * 1024 / unit.size()), u"jun"_s);
    qsizetype before = 0;
    for (const auto &range : text.ranges) {
        QVERIFY(range.start >= before && range.length > 0);
        QVERIFY(range.start + range.length <= text.display.size());
        before = range.start;
    }
    // Two spaces around a code of one letter are the most that is added.
    QVERIFY(text.display.size() <= 2 * kShownCodePoints + 1);
}

PARLOR_TEST(TestMessageText)
#include "tst_messagetext.moc"
