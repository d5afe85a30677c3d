// SPDX-License-Identifier: MIT
#include "client-cli/load/runfile/resultfile.h"
#include "tests/support/testclass.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace parlor::cli::load;
using namespace Qt::StringLiterals;

class TestLoadResultFile : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void replacesAFileAtOnce();
    void pipeStaysAPipe();
    void deviceStaysADevice();
    void symlinkToAPipe();
    void cannotBeOpened();
    void cannotGrow_data();
    void cannotGrow();

private:
    [[nodiscard]] std::string path(const char *name) const
    {
        return m_folder.filePath(QLatin1String(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestLoadResultFile::replacesAFileAtOnce()
{
    const std::string name = path("run.json");
    for (const QByteArray text : {"first, and long", "second"}) {
        ResultFile file(name);
        QVERIFY(file.open());
        QVERIFY(file.write(text));
        QFile back(QString::fromStdString(name));
        QVERIFY(back.open(QIODevice::ReadOnly));
        QCOMPARE(back.readAll(), text);
    }
    {
        ResultFile abandoned(name);
        QVERIFY(abandoned.open());
    }
    QCOMPARE(QFileInfo(QString::fromStdString(name)).size(), 6); // nothing came in its place
}

void TestLoadResultFile::pipeStaysAPipe()
{
    const std::string name = path("pipe");
    QCOMPARE(::mkfifo(name.c_str(), 0600), 0);
    const int reader = ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ResultFile file(name);
    QVERIFY(file.open());
    QVERIFY(file.write("figures"));
    QByteArray got(100, 0);
    got.resize(::read(reader, got.data(), 100));
    ::close(reader);
    QCOMPARE(got, QByteArray("figures"));
    struct stat status
    {
    };
    QCOMPARE(::stat(name.c_str(), &status), 0);
    QVERIFY(S_ISFIFO(status.st_mode));
}

void TestLoadResultFile::symlinkToAPipe()
{
    const std::string pipe = path("real");
    const std::string name = path("link");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    QCOMPARE(::symlink(pipe.c_str(), name.c_str()), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ResultFile file(name);
    QVERIFY(file.open());
    QVERIFY(file.write("figures"));
    ::close(reader);
    QVERIFY(QFileInfo(QString::fromStdString(name)).isSymLink());
}

void TestLoadResultFile::deviceStaysADevice()
{
    if (::geteuid() == 0)
        QSKIP("root could replace the device, if this went wrong");
    ResultFile file("/dev/full");
    QVERIFY(file.open());
    const auto written = file.write("figures");
    QVERIFY(!written);
    QCOMPARE(written.error().text, std::string("cannot write /dev/full: No space left on device"));
}

void TestLoadResultFile::cannotBeOpened()
{
    for (const std::string &name : {std::string("/nowhere/run.json"), m_folder.path().toStdString()}) {
        ResultFile file(name);
        const auto opened = file.open();
        QVERIFY(!opened);
        const std::string &why = opened.error().text;
        QVERIFY2(why.starts_with("cannot write " + name + ": "), why.c_str());
    }
}

void TestLoadResultFile::cannotGrow_data()
{
    QTest::addColumn<rlim_t>("possible");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("nothing") << rlim_t{0} << qsizetype{100'000};
    QTest::newRow("a part") << rlim_t{4096} << qsizetype{100'000};
    QTest::newRow("nothing of a file that a buffer holds") << rlim_t{0} << qsizetype{100};
}

/// A limit has the same effect as a full disk: the reason is the system's.
void TestLoadResultFile::cannotGrow()
{
    QFETCH(rlim_t, possible);
    QFETCH(qsizetype, size);
    QFile earlier(QString::fromStdString(path("large")));
    QVERIFY(earlier.open(QIODevice::WriteOnly) && earlier.write("earlier") == 7);
    earlier.close();
    rlimit before{};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit limited{possible, before.rlim_max};
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &limited), 0);
    ResultFile file(path("large"));
    const auto opened = file.open();
    const auto written = file.write(QByteArray(size, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, ignored);
    QVERIFY(opened);
    QVERIFY(!written);
    QCOMPARE(written.error().text, "cannot write " + path("large") + ": File too large");
    QVERIFY(earlier.open(QIODevice::ReadOnly));
    QCOMPARE(earlier.readAll(), QByteArray("earlier"));
}

PARLOR_TEST(TestLoadResultFile)
#include "tst_load_resultfile.moc"
