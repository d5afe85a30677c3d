// SPDX-License-Identifier: MIT
// The layers of docs/architecture.md: which folder may include which. Nothing points up; clients and server
// never include each other.
#undef QT_NO_CAST_FROM_ASCII // a table of path names
#include "tests/support/testclass.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

namespace {

/// A folder, and the folders that it may include besides itself. The longest folder that a file is in counts.
const QMap<QString, QStringList> kMayInclude{
    {"shared/process", {}},
    {"shared/protocol", {}},
    {"shared/websocket", {}},
    {"shared/client", {"shared/protocol", "shared/websocket"}},
    {"shared/client/storage", {"shared/client", "shared/protocol"}},
    {"server/ops", {"shared/protocol"}},
    {"server/auth", {"server/ops", "shared/protocol"}},
    {"server/http", {}},
    {"server/moderation", {"server/auth", "server/ops", "shared/protocol"}},
    {"server/engine", {"server/moderation", "server/ops", "shared/protocol"}},
    {"server/engine/sqlite", {"server/engine", "server/moderation", "server/ops", "shared/protocol"}},
    {"server/engine/redis", {"server/engine", "server/moderation", "server/ops", "shared/protocol"}},
    {"server/transport", {"server/ops", "shared/process", "shared/protocol"}},
    {"server/peer", {"server/auth", "server/engine", "server/ops", "shared/protocol", "shared/websocket"}},
    {"server/chat",
     {"server/auth", "server/engine", "server/moderation", "server/ops", "server/peer", "shared/protocol"}},
    {"server/worker",
     {"server/engine", "server/http", "server/ops", "server/peer", "server/transport", "shared/protocol",
      "shared/websocket"}},
    {"server/front", {"server/ops"}},
    {"server/admin",
     {"server/engine", "server/front", "server/http", "server/moderation", "server/ops", "shared/protocol"}},
    {"server",
     {"server/admin", "server/auth", "server/front", "server/worker", "server/chat", "server/engine",
      "server/engine/sqlite", "server/engine/redis", "server/http", "server/ops", "shared/process",
      "shared/protocol"}},
    {"client-cli",
     {"client-cli/admin", "client-cli/load/options", "client-cli/probe", "client-cli/sink", "shared/client",
      "shared/client/storage", "shared/process", "shared/protocol"}},
    {"client-cli/admin", {"client-cli", "shared/protocol", "shared/websocket"}},
    {"client-cli/load/plan", {}},
    {"client-cli/load/record", {"client-cli/load/plan", "shared/protocol"}},
    {"client-cli/load/judgement",
     {"client-cli", "client-cli/load/plan", "client-cli/load/record", "shared/protocol"}},
    {"client-cli/load/accounting", {"client-cli/load/plan", "client-cli/load/record"}},
    {"client-cli/load/wire",
     {"client-cli/load/accounting", "client-cli/load/plan", "shared/process", "shared/protocol",
      "shared/websocket"}},
    {"client-cli/load/run",
     {"client-cli/load/accounting", "client-cli/load/plan", "client-cli/load/record",
      "client-cli/load/runfile", "client-cli/load/wire", "shared/process", "shared/protocol"}},
    {"client-cli/load/runfile",
     {"client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record", "shared/protocol"}},
    {"client-cli/load/report",
     {"client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record"}},
    {"client-cli/load/compare",
     {"client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record", "client-cli/load/report",
      "client-cli/load/runfile", "shared/protocol"}},
    {"client-cli/load/watch",
     {"client-cli", "client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record",
      "shared/protocol"}},
    {"client-cli/load/resources", {"client-cli/load/plan", "client-cli/load/wire", "shared/protocol"}},
    {"client-cli/load/ceiling",
     {"client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record", "client-cli/load/report",
      "client-cli/load/run", "client-cli/load/wire", "shared/protocol"}},
    {"client-cli/load/options",
     {"client-cli", "client-cli/load/accounting", "client-cli/load/ceiling", "client-cli/load/compare",
      "client-cli/load/judgement", "client-cli/load/plan", "client-cli/load/record", "client-cli/load/report",
      "client-cli/load/resources", "client-cli/load/run", "client-cli/load/runfile", "client-cli/load/watch",
      "client-cli/load/wire", "shared/client", "shared/process", "shared/protocol"}},
    {"client-cli/sink", {"client-cli", "shared/process", "shared/protocol", "shared/websocket"}},
    {"client-cli/probe", {"client-cli", "shared/client", "shared/process", "shared/protocol"}},
    {"client-gui/keychain", {}},
    {"client-gui/look", {}},
    {"client-gui/models", {"shared/client", "shared/protocol"}},
    {"client-gui/controller",
     {"client-gui/keychain", "client-gui/look", "client-gui/models", "shared/client", "shared/protocol"}},
    {"client-gui/views", {"client-gui/look", "client-gui/models", "shared/client", "shared/protocol"}},
    {"client-gui",
     {"client-gui/controller", "client-gui/keychain", "client-gui/look", "client-gui/models",
      "client-gui/views", "shared/client", "shared/client/storage", "shared/process", "shared/protocol"}},
};

/// System headers that a folder must do without.
const QMap<QString, QString> kMustNotKnow{
    {"shared/protocol", "^(QObject|QTcp|QSsl|QUdp|QWebSocket|QTimer|QElapsedTimer|sys/socket|netinet|arpa)"},
    {"shared/process", "^(Q|sys/socket|netinet|arpa)"},
    {"shared/websocket", "^(Q(?!ByteArray$|CryptographicHash$)|simdjson|sys/socket|netinet|arpa)"},
    {"shared/client", "^(QWebSocket|QWidget|QApplication|QDialog|QtWidgets|QSql)"},
    {"shared/client/storage", "^(QWidget|QApplication|QDialog|QtWidgets|QTcp|QSsl|QWebSocket|QJson)"},
    {"server/moderation", "^(Q|sys/socket|netinet)"},
    {"server/engine", "^(QTcp|QSsl|QWebSocket|sys/socket|netinet|sqlite3)"},
    {"server/engine/sqlite", "^(QTcp|QSsl|QWebSocket|sys/socket|netinet)"},
    {"server/engine/redis", "^(QWebSocket|sys/socket|netinet|sqlite3)"},
    {"server/auth", "^(QTcp|QSsl|QWebSocket|QThread|sys/socket|netinet)"},
    {"server/peer", "^(QTcp|QSsl|QWebSocket|QThread|sys/socket|netinet)"},
    {"server/chat", "^(QTcp|QSsl|QWebSocket|QThread|sys/socket|netinet)"},
    {"server/transport", "^simdjson"},
    {"server/worker", "^simdjson"},
    {"client-gui/keychain", "^(QWidget|QApplication|QDialog|QtWidgets|QTcp|QSsl|QWebSocket|QJson|QSettings)"},
    {"client-gui/models", "^(QWidget|QApplication|QDialog|QtWidgets|QTcp|QSsl|QWebSocket|QJson)"},
    {"client-gui/controller", "^(QWidget|QApplication|QDialog|QtWidgets|QTcp|QWebSocket|QJson)"},
    {"client-gui/views", "^(QTcp|QSsl|QWebSocket|QJson)"},
    {"client-cli/load/plan", "^(Q|sys/|netinet|simdjson)"},
    {"client-cli/load/record", "^(QObject|QTcp|QSsl|QJson|sys/|netinet|simdjson)"},
    {"client-cli/load/accounting", "^(Q|sys/|netinet|simdjson)"},
    {"client-cli/load/judgement", "^(QObject|QTcp|QSsl|QJson|sys/|netinet)"},
    {"client-cli/load/run", "^(QObject|QTcp|QSsl|QWebSocket|QTimer|QSocketNotifier|QThread|simdjson)"},
    {"client-cli/load/wire", "^(QObject|QTcp|QSsl|QWebSocket|QTimer|QSocketNotifier|QThread)"},
    {"client-cli/load/report", "^(QTcp|QSsl|QWebSocket|netinet|sys/socket)"},
    {"client-cli/load/compare", "^(QTcp|QSsl|QWebSocket|sys/|netinet)"},
};

QString layerOf(const QString &path)
{
    QString best;
    for (const QString &folder : kMayInclude.keys()) {
        if (path.startsWith(folder + u'/') && folder.size() > best.size())
            best = folder;
    }
    return best;
}

} // namespace

class TestLayers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void includes_data();
    void includes();
    void everySourceIsInALayer();
    void theCheckCanFail();

private:
    /// What is wrong with a file's includes; empty if nothing is.
    static QStringList mistakes(const QString &path, const QByteArray &source);
    static QStringList sources();
    static QDir root() { return QDir(qEnvironmentVariable("PARLOR_TEST_SOURCE")); }
};

QStringList TestLayers::sources()
{
    QStringList found;
    for (const char *top : {"shared", "server", "client-cli", "client-gui"}) {
        QDirIterator it(root().filePath(QLatin1String(top)), {"*.cpp", "*.h"}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext())
            found.append(root().relativeFilePath(it.next()));
    }
    found.sort();
    return found;
}

QStringList TestLayers::mistakes(const QString &path, const QByteArray &source)
{
    static const QRegularExpression include(QStringLiteral(R"(^\s*#\s*include\s*["<]([^">]+)[">])"),
                                            QRegularExpression::MultilineOption);
    QStringList found;
    const QString from = layerOf(path);
    const QRegularExpression forbidden(kMustNotKnow.value(from, QStringLiteral("^$")));
    auto matches = include.globalMatch(QString::fromUtf8(source));
    while (matches.hasNext()) {
        const QString target = matches.next().captured(1);
        const QString to = layerOf(target);
        if (to.isEmpty() ? forbidden.match(target).hasMatch() : to != from && !kMayInclude[from].contains(to))
            found.append(QStringLiteral("%1 must not include %2").arg(path, target));
    }
    return found;
}

void TestLayers::includes_data()
{
    QTest::addColumn<QString>("folder");
    for (const QString &folder : kMayInclude.keys())
        QTest::newRow(qPrintable(folder)) << folder;
}

void TestLayers::includes()
{
    QFETCH(QString, folder);
    QStringList found;
    int files = 0;
    for (const QString &path : sources()) {
        if (layerOf(path) != folder)
            continue;
        QFile file(root().filePath(path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        found += mistakes(path, file.readAll());
        ++files;
    }
    QVERIFY2(files > 0, "there is no such folder any more");
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void TestLayers::everySourceIsInALayer()
{
    for (const QString &path : sources())
        QVERIFY2(!layerOf(path).isEmpty(), qPrintable(path));
}

void TestLayers::theCheckCanFail()
{
    QCOMPARE(mistakes("server/engine/x.cpp", "#include \"server/chat/session.h\"\n").size(), 1);
    QCOMPARE(mistakes("shared/client/x.h", "#include \"server/engine/engine.h\"\n").size(), 1);
    QCOMPARE(mistakes("shared/protocol/x.h", "#  include <QTcpSocket>\n").size(), 1);
    QCOMPARE(mistakes("shared/websocket/x.cpp", "#include <QCryptographicHash>\n#include <QObject>\n").size(),
             1);
    QCOMPARE(mistakes("server/worker/x.h", "#include \"server/chat/session.h\"\n").size(), 1);
    QCOMPARE(mistakes("server/chat/x.h", "#include \"server/engine/engine.h\"\n#include <QString>\n").size(),
             0);
}

PARLOR_TEST(TestLayers)
#include "tst_layers.moc"
