// SPDX-License-Identifier: MIT
#include "shared/protocol/values.h"
#include "tests/support/testclass.h"

#include <QTest>

using namespace parlor;

class TestValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void roomName_data();
    void roomName();
    void username_data();
    void username();
    void charactersOfUsernames_data();
    void charactersOfUsernames();
    void whichCharacterIsRefused();
    void content_data();
    void content();
    void timestamp();
};

void TestValues::roomName_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("result"); // empty: refused
    QTest::newRow("plain") << QByteArray("general") << QByteArray("general");
    QTest::newRow("lower-cased") << QByteArray("GeNeRaL") << QByteArray("general");
    QTest::newRow("all characters") << QByteArray("a-z_0.9") << QByteArray("a-z_0.9");
    QTest::newRow("64 characters") << QByteArray(64, 'a') << QByteArray(64, 'a');
    QTest::newRow("65 characters") << QByteArray(65, 'a') << QByteArray();
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("space") << QByteArray("a b") << QByteArray();
    QTest::newRow("slash") << QByteArray("a/b") << QByteArray();
    QTest::newRow("not ASCII") << QByteArray("caf\xC3\xA9") << QByteArray();
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray();
}

void TestValues::roomName()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, result);
    const auto checked = values::roomName(name.toStdString());
    QCOMPARE(bool(checked), !result.isEmpty());
    if (checked)
        QCOMPARE(*checked, result.toStdString());
    else
        QVERIFY(checked.error().code == ErrorCode::RoomInvalid);
}

void TestValues::username_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("result"); // empty: refused
    QTest::newRow("plain") << QStringLiteral("Zoe") << QStringLiteral("Zoe");
    QTest::newRow("composed") << QStringLiteral("Zoe\u0308") << QStringLiteral("Zo\u00EB");
    QTest::newRow("32 points past the BMP")
        << QStringLiteral("\U0001F600").repeated(32) << QStringLiteral("\U0001F600").repeated(32);
    QTest::newRow("33 points") << QString(33, u'x') << QString();
    QTest::newRow("33 that compose to 32")
        << QString(31, u'x') + QStringLiteral("e\u0308") << QString(31, u'x') + QStringLiteral("\u00EB");
    QTest::newRow("empty") << QString() << QString();
    QTest::newRow("only spaces") << QStringLiteral("   ") << QString();
    QTest::newRow("spaces around it") << QStringLiteral(" Zoe \u3000") << QStringLiteral("Zoe");
    QTest::newRow("spaces inside") << QStringLiteral("Ann \u00A0\u2006 Lee") << QStringLiteral("Ann Lee");
    QTest::newRow("an object that is not there") << QStringLiteral("Bob\uFFFC") << QString();
    QTest::newRow("Khitan filler") << QStringLiteral("a\U00016FE4") << QString();
    QTest::newRow("only accents") << QStringLiteral("\u0301\u0302") << QString();
    QTest::newRow("Hangul filler") << QStringLiteral("\u3164") << QString();
    QTest::newRow("Hangul filler inside") << QStringLiteral("a\u115Fb") << QString();
    QTest::newRow("blank of Braille") << QStringLiteral("\u2800") << QString();
    QTest::newRow("the server's") << QStringLiteral(" sERVER") << QString();
    QTest::newRow("no longer the server's") << QStringLiteral("Server 2") << QStringLiteral("Server 2");
    QTest::newRow("newline") << QStringLiteral("a\nb") << QString();
    QTest::newRow("right-to-left override") << QStringLiteral("a\u202Eb") << QString();
    QTest::newRow("zero width") << QStringLiteral("a\u200Bb") << QString();
    QTest::newRow("byte order mark") << QStringLiteral("\uFEFFab") << QString();
    QTest::newRow("escape") << QStringLiteral("a\u001Bb") << QString();
}

void TestValues::username()
{
    QFETCH(QString, name);
    QFETCH(QString, result);
    const auto checked = values::username(name.toStdString());
    QCOMPARE(bool(checked), !result.isEmpty());
    if (checked)
        QCOMPARE(QString::fromStdString(*checked), result);
    else
        QVERIFY(checked.error().code == ErrorCode::NameInvalid);
}

/// `refused`: what the error says; empty: the name passes.
void TestValues::charactersOfUsernames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("refused");
    const auto passes = [](const char *row, const QString &name) { QTest::newRow(row) << name << QString(); };
    const auto refused = [](const char *row, const QString &name, const char *text) {
        QTest::newRow(row) << name << QString::fromUtf8(text);
    };
    passes("emoji of Unicode 15", QStringLiteral("\U0001FAE8"));
    passes("letter of Unicode 15", QStringLiteral("\U00011F04"));
    passes("ideograph of Unicode 15.1", QStringLiteral("\U0002EBF0"));
    passes("not assigned yet", QStringLiteral("\u0378"));
    passes("private use", QStringLiteral("\uE000"));
    passes("family", QStringLiteral("\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"));
    passes("astronaut with a skin tone", QStringLiteral("\U0001F9D1\U0001F3FD\u200D\U0001F680"));
    passes("rainbow flag", QStringLiteral("Ann \U0001F3F3\uFE0F\u200D\U0001F308"));
    passes("heart on fire", QStringLiteral("\u2764\uFE0F\u200D\U0001F525"));
    passes("joined emoji of Unicode 15", QStringLiteral("\U0001FAE8\u200D\u2195\uFE0F"));
    passes("flag of a country", QStringLiteral("\U0001F1E8\U0001F1ED"));
    passes("flag of Wales",
           QStringLiteral("\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F"));
    passes("keycap", QStringLiteral("#\uFE0F\u20E3"));
    passes("keycap without a style", QStringLiteral("*\u20E3"));
    passes("heart as text", QStringLiteral("\u2764\uFE0E"));
    passes("emoji that is punctuation", QStringLiteral("\u203C\uFE0F"));
    passes("Persian", QStringLiteral("\u0639\u0644\u06CC\u200C\u0631\u0636\u0627"));
    passes("Persian with a mark", QStringLiteral("\u0645\u06CC\u0651\u200C\u0634\u0648\u062F"));
    passes("Sinhala", QStringLiteral("\u0DC1\u0DCA\u200D\u0DBB\u0DD3"));
    passes("virama and no join", QStringLiteral("\u0915\u094D\u200C\u0937"));
    passes("ideograph's variant", QStringLiteral("\u845B\U000E0100"));
    passes("Mongolian variant", QStringLiteral("\u1820\u180B"));
    passes("symbol", QStringLiteral("\u00A9"));
    passes("digit between dots", QStringLiteral("...7..."));
    passes("mark on a letter", QStringLiteral("x\u0302"));
    passes("32 composed of many", QStringLiteral("\u1112\u1161\u11AB").repeated(32));
    passes("many spaces around it", QString(600, u' ') + QStringLiteral("Zoe") + QString(600, u' '));

    constexpr const char *kNothing = "a username has at least one letter, digit or symbol";
    refused("dots", QStringLiteral("..."), kNothing);
    refused("hyphens and spaces", QStringLiteral("- -"), kNothing);
    refused("punctuation of Asia", QStringLiteral("\u3001\u3002"), kNothing);
    refused("keycap alone", QStringLiteral("\u20E3"), kNothing);
    refused("accent on a dot", QStringLiteral(".\u0301"), kNothing);
    refused("joiner alone", QStringLiteral("\u200D"), "U+200D only between two emoji");
    refused("joiner at the end", QStringLiteral("\U0001F468\u200D"), "U+200D only between two emoji");
    refused("joiner before a letter", QStringLiteral("\U0001F468\u200Da"), "U+200D only between two emoji");
    refused("joiner between letters", QStringLiteral("a\u200Db"), "U+200D only between two emoji");
    refused("two joiners", QStringLiteral("\U0001F468\u200D\u200D\U0001F469"), "U+200D only");
    refused("joiner between flags", QStringLiteral("\U0001F1E8\U0001F1ED\u200D\U0001F1E8\U0001F1ED"),
            "U+200D only");
    refused("non-joiner between letters", QStringLiteral("ad\u200Cmin"),
            "U+200C only between letters that would join");
    refused("non-joiner at the end", QStringLiteral("\u0639\u0644\u06CC\u200C"), "U+200C only");
    refused("non-joiner behind what never joins", QStringLiteral("\u0631\u200C\u0645"), "U+200C only");
    refused("non-joiner between emoji", QStringLiteral("\U0001F468\u200C\U0001F469"), "U+200C only");
    refused("style behind a letter", QStringLiteral("admin\uFE0F"), "U+FE0F only behind");
    refused("style behind a digit", QStringLiteral("7\uFE0F"), "U+FE0F only behind");
    refused("two styles", QStringLiteral("\u2764\uFE0F\uFE0F"), "U+FE0F only behind");
    refused("ideograph's variant of a letter", QStringLiteral("a\U000E0100"), "U+E0100 only behind");
    refused("emoji's style of an ideograph", QStringLiteral("\u845B\uFE0F"), "U+FE0F only behind");
    refused("tag alone", QStringLiteral("a\U000E0061"), "U+E0061 only in the flag");
    refused("tags on another emoji", QStringLiteral("\U0001F468\U000E0067\U000E0062\U000E0077\U000E007F"),
            "U+E0067 only in the flag");
    refused("flag without an end", QStringLiteral("\U0001F3F4\U000E0067\U000E0062\U000E0077"),
            "U+E0067 only in the flag");
    refused("flag with a long code",
            QStringLiteral("\U0001F3F4") + QStringLiteral("\U000E0061").repeated(7) +
                QStringLiteral("\U000E007F"),
            "U+E0061 only in the flag");
    refused("tags behind a flag",
            QStringLiteral("\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E007F\U000E0067"),
            "U+E0067 only in the flag");
    refused("language tag", QStringLiteral("a\U000E0001"), "no U+E0001: it is invisible");
    refused("override", QStringLiteral("a\u202Eb"), "no U+202E: it changes the direction");
    refused("isolate", QStringLiteral("a\u2066b"), "no U+2066: it changes the direction");
    refused("Arabic letter mark", QStringLiteral("a\u061Cb"), "no U+061C: it changes the direction");
    refused("zero width space", QStringLiteral("a\u200Bb"), "no U+200B: it is invisible");
    refused("soft hyphen", QStringLiteral("a\u00ADb"), "no U+00AD: it is invisible");
    refused("grapheme joiner", QStringLiteral("a\u034Fb"), "no U+034F: it is invisible");
    refused("ignorable, not assigned", QStringLiteral("a\U000E0FFFb"), "no U+E0FFF: it is invisible");
    refused("ignorable in the BMP", QStringLiteral("a\u2065b"), "no U+2065: it is invisible");
    refused("null notehead", QStringLiteral("\U0001D159"), "no U+1D159: it is invisible");
    refused("byte order mark first", QStringLiteral("\uFEFFa"), "no U+FEFF: it is invisible");
    refused("noncharacter", QStringLiteral("a\uFDD0"), "no U+FDD0: it is no character");
    refused("noncharacter past the BMP", QStringLiteral("a\U0010FFFF"), "no U+10FFFF: it is no character");
    refused("NUL", QStringLiteral("a") + QChar(0) + u'b', "no U+0000: it is a control character");
    refused("C1", QStringLiteral("a\u0090b"), "no U+0090: it is a control character");
    refused("line separator", QStringLiteral("a\u2028b"), "no U+2028: it breaks the line");
    refused("format character", QStringLiteral("a\u0600"), "no U+0600: it is a format character");
    refused("33 characters", QString(33, u'x'), "at most 32 characters");
    refused("a great many", QString(60'000, u'x'), "at most 32 characters");
}

void TestValues::charactersOfUsernames()
{
    QFETCH(QString, name);
    QFETCH(QString, refused);
    const auto checked = values::username(name.toStdString());
    const QString text = checked ? QString() : QString::fromStdString(checked.error().text);
    QVERIFY2(text.isEmpty() == refused.isEmpty() && text.contains(refused), qPrintable(text));
}

void TestValues::whichCharacterIsRefused()
{
    const auto ofRoom = [](const QString &name) {
        return QString::fromStdString(values::roomName(name.toStdString()).error().text);
    };
    QVERIFY2(ofRoom(QStringLiteral("a b")).contains(QStringLiteral("no U+0020")), "the space is named");
    QVERIFY(ofRoom(QStringLiteral("\u00E9").repeated(40)).contains(QStringLiteral("no U+00E9")));
    QVERIFY(ofRoom(QStringLiteral("\uFEFFa")).contains(QStringLiteral("no U+FEFF")));
    QVERIFY(ofRoom(QStringLiteral("x\U0001F600y")).contains(QStringLiteral("no U+1F600")));
    QVERIFY(ofRoom(QString(65, u'x')).contains(QStringLiteral("1 to 64")));
    const auto content = values::checkContent("a\x1B[1m");
    QVERIFY(content && QString::fromStdString(content->text).contains(QStringLiteral("U+001B")));
}

void TestValues::content_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("code"); // empty: allowed
    QTest::newRow("one character") << QStringLiteral("x") << QString();
    QTest::newRow("newline and tab") << QStringLiteral("a\n\tb") << QString();
    QTest::newRow("4000 points of four bytes") << QStringLiteral("\U0001F600").repeated(4000) << QString();
    QTest::newRow("4001 points") << QString(4001, u'x') << QStringLiteral("too_large");
    QTest::newRow("empty") << QString() << QStringLiteral("bad_request");
    QTest::newRow("escape") << QStringLiteral("\u001B[31m") << QStringLiteral("bad_request");
    QTest::newRow("carriage return") << QStringLiteral("a\rb") << QStringLiteral("bad_request");
}

void TestValues::content()
{
    QFETCH(QString, text);
    QFETCH(QString, code);
    const auto mistake = values::checkContent(text.toStdString());
    QCOMPARE(mistake ? QString::fromStdString(std::string(toString(mistake->code))) : QString(), code);
}

void TestValues::timestamp()
{
    using std::chrono::milliseconds;
    QCOMPARE(values::timestamp(milliseconds(0)).toString(), std::string("1970-01-01T00:00:00.000Z"));
    QCOMPARE(values::timestamp(milliseconds(1'709'210'096'007)).toString(),
             std::string("2024-02-29T12:34:56.007Z"));
}

PARLOR_TEST(TestValues)
#include "tst_values.moc"
