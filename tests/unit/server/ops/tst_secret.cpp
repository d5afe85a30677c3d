// SPDX-License-Identifier: MIT
#include "server/ops/secret.h"
#include "tests/support/testclass.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <array>
#include <barrier>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace parlor;
using namespace std::string_literals;

class SecretTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void drawn();
    void missingFileIsMade();
    void readAgain();
    void concurrentMakersAgree();
    void contents_data();
    void contents();
    void modes_data();
    void modes();
    void openAndNoKey();
    void wrongKinds();
    void missingFolder();
    void unreadable();
    void ofAnotherUser();
    void password();

private:
    void write(const QByteArray &bytes, mode_t mode = 0600);
    [[nodiscard]] std::string failure() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
    std::string m_path; ///< the same
};

void SecretTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = m_folder->filePath(QStringLiteral("secret"));
    m_path = m_file.toStdString();
}

void SecretTest::write(const QByteArray &bytes, mode_t mode)
{
    QFile file(m_file);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    QCOMPARE(chmod(m_path.c_str(), mode), 0);
}

/// Why loadSecret() refused the file; empty if it did not.
std::string SecretTest::failure() const
{
    const auto result = loadSecret(m_path);
    return result ? std::string() : result.error().text;
}

void SecretTest::drawn()
{
    std::set<std::string> secrets;
    for (int i = 0; i < 100; ++i)
        secrets.insert(drawSecret());
    QCOMPARE(secrets.size(), std::size_t(100));
    for (const std::string &secret : secrets)
        QCOMPARE(QByteArray::fromBase64(QByteArray::fromStdString(secret)).size(), 32);
}

void SecretTest::missingFileIsMade()
{
    const auto result = loadSecret(m_path);
    QVERIFY(result);
    const std::string &key = *result;
    QCOMPARE(QByteArray::fromBase64(QByteArray::fromStdString(key)).size(), 32);

    struct stat status = {};
    QCOMPARE(stat(m_path.c_str(), &status), 0);
    QCOMPARE(status.st_mode & 07777U, 0600U);
    QFile file(m_file);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll().toStdString(), key + '\n');
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden),
             QStringList{QStringLiteral("secret")});
}

void SecretTest::readAgain()
{
    const auto first = loadSecret(m_path);
    const auto second = loadSecret(m_path);
    QCOMPARE(*first, *second);
}

void SecretTest::concurrentMakersAgree()
{
    constexpr std::size_t makers = 4;
    for (int round = 0; round < 100; ++round) {
        const std::string path = m_path + std::to_string(round);
        std::barrier start(makers);
        std::array<std::string, makers> keys;
        std::vector<std::thread> threads;
        for (std::string &key : keys) {
            threads.emplace_back([&] {
                start.arrive_and_wait();
                const auto result = loadSecret(path);
                if (result)
                    key = *result;
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QVERIFY(!keys.front().empty());
        QCOMPARE(std::ranges::count(keys, keys.front()), std::ptrdiff_t(makers));
    }
}

void SecretTest::contents_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("error");
    const QByteArray least(32, 'k');
    QTest::newRow("at least 32") << least << std::string(32, 'k') << ""s;
    QTest::newRow("line") << least + '\n' << std::string(32, 'k') << ""s;
    QTest::newRow("CRLF") << least + "\r\n" << std::string(32, 'k') << ""s;
    QTest::newRow("longest") << QByteArray(4096, 'k') << std::string(4096, 'k') << ""s;
    QTest::newRow("31 and the line's end") << QByteArray(31, 'k') + '\n'
                                           << ""s
                                           << "holds 31 bytes"s;
    QTest::newRow("empty") << QByteArray() << ""s
                           << "holds 0 bytes"s;
    QTest::newRow("line ends only") << QByteArray(100, '\n') << ""s
                                    << "holds 0 bytes"s;
    QTest::newRow("two lines") << least + '\n' + least + '\n'
                               << ""s
                               << "several lines"s;
    QTest::newRow("too large") << QByteArray(4097, 'k') << ""s
                               << "larger than 4096 bytes"s;
}

void SecretTest::contents()
{
    QFETCH(const QByteArray, bytes);
    QFETCH(const std::string, key);
    QFETCH(const std::string, error);
    write(bytes);
    const auto result = loadSecret(m_path);
    if (result) {
        QVERIFY(error.empty());
        QCOMPARE(*result, key);
        return;
    }
    const std::string &text = result.error().text;
    QVERIFY2(!error.empty() && text.find(error) != std::string::npos, text.c_str());
    QVERIFY2(text.find(m_path) != std::string::npos, text.c_str());
    QVERIFY(text.find("kkkk") == std::string::npos);
}

void SecretTest::modes_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<bool>("passes");
    for (const int mode : {0400, 0600, 0700})
        QTest::addRow("%04o", mode) << mode << true;
    for (const int mode : {0640, 0604, 0620, 0602, 0610, 0666, 0777})
        QTest::addRow("%04o", mode) << mode << false;
}

void SecretTest::modes()
{
    QFETCH(const int, mode);
    QFETCH(const bool, passes);
    write(QByteArray(32, 'k'), static_cast<mode_t>(mode));
    const std::string text = failure();
    QCOMPARE(text.empty(), passes);
    if (!passes)
        QVERIFY2(text.find("open to other users; if it is the server's key, run: chmod 600 " + m_path +
                           ';') != std::string::npos,
                 text.c_str());
}

void SecretTest::openAndNoKey()
{
    for (const QByteArray &bytes :
         {QByteArray("a-host\n"), QByteArray(5000, 'k'), QByteArray(QByteArray(40, 'k') + "\nk\n")}) {
        write(bytes, 0644);
        const std::string text = failure();
        QVERIFY2(!text.empty() && text.find("chmod") == std::string::npos, text.c_str());
        QVERIFY2(text.find("delete") == std::string::npos, text.c_str());
    }
}

void SecretTest::wrongKinds()
{
    QCOMPARE(mkfifo(m_path.c_str(), 0600), 0);
    QVERIFY(failure().find("no regular file") != std::string::npos);
    QCOMPARE(unlink(m_path.c_str()), 0);
    QCOMPARE(mkdir(m_path.c_str(), 0700), 0);
    QVERIFY(failure().find("no regular file") != std::string::npos);
}

void SecretTest::missingFolder()
{
    m_path = m_folder->path().toStdString() + "/it's none/secret";
    const std::string quoted = "(mkdir -p '" + m_folder->path().toStdString() + "/it'\\''s none')";
    QVERIFY2(failure().find(quoted) != std::string::npos, failure().c_str());
    m_path = m_folder->path().toStdString() + "/none/secret";
    const std::string text = failure();
    QVERIFY2(text.find("cannot make the secret file " + m_path + ": No such file or directory; ") == 0,
             text.c_str());
    const std::string folder = m_folder->path().toStdString() + "/none";
    QVERIFY2(text.ends_with("there is no folder " + folder + "; make it (mkdir -p " + folder +
                            "), or give another path"),
             text.c_str());
}

void SecretTest::unreadable()
{
    if (geteuid() == 0)
        QSKIP("root may read everything");
    write(QByteArray(32, 'k'), 0);
    QVERIFY(failure().find("Permission denied") != std::string::npos);
}

/// As systemd's credentials: the group's bits are those of an access control list.
void SecretTest::ofAnotherUser()
{
    if (geteuid() != 0)
        QSKIP("only root may give a file away");
    for (const int mode : {0440, 0640}) {
        write(QByteArray(32, 'k'), static_cast<mode_t>(mode));
        QCOMPARE(chown(m_path.c_str(), 1, 0), 0);
        QCOMPARE(failure(), std::string());
    }
    for (const int mode : {0444, 0660, 0604}) {
        write(QByteArray(32, 'k'), static_cast<mode_t>(mode));
        QVERIFY(failure().find("open to other users") != std::string::npos);
    }
}

void SecretTest::password()
{
    const auto refused = [this] {
        const auto result = loadPassword(m_path);
        return QString::fromStdString(result ? std::string() : result.error().text);
    };
    QVERIFY(refused().startsWith(QStringLiteral("cannot read the password file ")));
    write("pass word\n");
    QCOMPARE(*loadPassword(m_path), "pass word"s);
    write("x");
    QCOMPARE(*loadPassword(m_path), "x"s);
    write("\n");
    QVERIFY(refused().endsWith(QStringLiteral("holds 0 bytes; write the password into its one line")));
    write("secret\nsecret\n");
    QVERIFY(refused().endsWith(QStringLiteral("it should hold one password and nothing else")));
    write("pass", 0644);
    QVERIFY(refused().contains(QStringLiteral("open to other users; if it is the server's password, run: ")));
}

PARLOR_TEST(SecretTest)
#include "tst_secret.moc"
