// SPDX-License-Identifier: MIT
// The contract's own examples, through the codec and back.
#include "shared/protocol/decoder.h"
#include "shared/protocol/encoder.h"
#include "shared/protocol/limits.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QTest>

#include <set>

using namespace parlor;

class TestExamples : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void roundTrip_data();
    void roundTrip();
    void everyTypeHasAnExample();

private:
    static QList<std::pair<QString, QByteArray>> examples();
};

QList<std::pair<QString, QByteArray>> TestExamples::examples()
{
    QFile file(qEnvironmentVariable("PARLOR_TEST_SOURCE") + QStringLiteral("/docs/protocol.md"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QList<std::pair<QString, QByteArray>> result;
    QString kind;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("```"))
            kind = kind.isEmpty() ? QString::fromUtf8(line.mid(3)) : QString();
        else if (!kind.isEmpty())
            result.append({kind, line});
    }
    return result;
}

void TestExamples::roundTrip_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QByteArray>("line");
    int row = 0;
    for (const auto &[kind, line] : examples())
        QTest::addRow("%d %s", ++row, line.left(60).constData()) << kind << line;
    QVERIFY2(row > 40, "docs/protocol.md has lost its examples");
}

void TestExamples::roundTrip()
{
    QFETCH(QString, kind);
    QFETCH(QByteArray, line);
    const std::string_view text(line.constData(), static_cast<std::size_t>(line.size()));
    Decoder decoder(limits::kJsonDepth);
    std::string again;
    if (kind == QLatin1String("json v2-client")) {
        const auto request = decoder.request(text);
        QVERIFY(std::holds_alternative<Request>(request));
        encode(again, std::get<Request>(request));
    } else if (kind == QLatin1String("json v1-client")) {
        const auto request = decoder.requestV1(text);
        QVERIFY(std::holds_alternative<v1::Request>(request));
        encode(again, std::get<v1::Request>(request));
    } else if (kind == QLatin1String("json v1-error")) {
        const auto decoded = decoder.frame(text);
        QVERIFY(decoded);
        encodeV1(again, std::get<frame::Error>(*decoded));
    } else {
        QCOMPARE(kind, QStringLiteral("json server"));
        const auto decoded = decoder.frame(text);
        QVERIFY2(decoded, decoded ? "" : decoded.error().text.c_str());
        encode(again, *decoded);
    }
    QCOMPARE(QByteArray::fromStdString(again), line);
}

void TestExamples::everyTypeHasAnExample()
{
    std::set<std::size_t> requests;
    std::set<std::size_t> v1Requests;
    std::set<std::size_t> frames;
    Decoder decoder(limits::kJsonDepth);
    for (const auto &[kind, line] : examples()) {
        const std::string_view text(line.constData(), static_cast<std::size_t>(line.size()));
        if (kind == QLatin1String("json v2-client"))
            requests.insert(std::get<Request>(decoder.request(text)).body.index());
        else if (kind == QLatin1String("json v1-client"))
            v1Requests.insert(std::get<v1::Request>(decoder.requestV1(text)).index());
        else
            frames.insert((*decoder.frame(text)).index());
    }
    QCOMPARE(requests.size(), std::variant_size_v<request::Body>);
    QCOMPARE(v1Requests.size(), std::variant_size_v<v1::Request>);
    QCOMPARE(frames.size(), std::variant_size_v<frame::Any> - 1); // there is none of Unknown
}

PARLOR_TEST(TestExamples)
#include "tst_examples.moc"
