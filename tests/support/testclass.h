// SPDX-License-Identifier: MIT
#pragma once

#include <QCoreApplication>
#include <QTest>

#include <string_view>

namespace parlor::test {

/// A test class of this program, under the name of its file. PARLOR_TEST makes one; main() runs the one that
/// is asked for.
class TestClass
{
public:
    using Run = int (*)(int argc, char **argv);

    TestClass(std::string_view file, Run function);
    TestClass(const TestClass &) = delete;
    TestClass &operator=(const TestClass &) = delete;

    /// Null: this program has no such class.
    [[nodiscard]] static const TestClass *named(std::string_view name);
    [[nodiscard]] static const TestClass *first();

    [[nodiscard]] std::string_view name() const { return m_name; }
    [[nodiscard]] const TestClass *next() const { return m_next; }
    [[nodiscard]] int run(int argc, char **argv) const { return m_run(argc, argv); }

private:
    std::string_view m_name;
    Run m_run;
    const TestClass *m_next;
};

template <typename Class>
int run(int argc, char **argv)
{
    Class test;
    return QTest::qExec(&test, argc, argv);
}

/// A class with a public `static void initMain()` has it called before the application is made.
template <typename Class, typename Application>
int runWithin(int argc, char **argv)
{
    if constexpr (requires { Class::initMain(); })
        Class::initMain();
    QCoreApplication::setAttribute(Qt::AA_Use96Dpi);
    Application application(argc, argv);
    return run<Class>(argc, argv);
}

} // namespace parlor::test

/// Puts a test class into its program, in place of QTEST_APPLESS_MAIN.
#define PARLOR_TEST(Class) \
    static const parlor::test::TestClass registered##Class(__FILE__, &parlor::test::run<Class>);

/// The same for a class that needs a QCoreApplication or a QApplication.
#define PARLOR_TEST_WITHIN(Application, Class)                       \
    static const parlor::test::TestClass registered##Class(__FILE__, \
                                                           &parlor::test::runWithin<Class, Application>);
