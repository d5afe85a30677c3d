// SPDX-License-Identifier: MIT
#include "tests/support/testclass.h"

#include <cstdio>

namespace parlor::test {

namespace {

const TestClass *&newest()
{
    static const TestClass *instance = nullptr;
    return instance;
}

std::string_view stemOf(std::string_view file)
{
    file.remove_prefix(file.rfind('/') + 1);
    return file.substr(0, file.rfind('.'));
}

} // namespace

TestClass::TestClass(std::string_view file, Run function)
    : m_name(stemOf(file))
    , m_run(function)
    , m_next(newest())
{
    newest() = this;
}

const TestClass *TestClass::first()
{
    return newest();
}

const TestClass *TestClass::named(std::string_view name)
{
    for (const TestClass *each = first(); each; each = each->next())
        if (each->name() == name)
            return each;
    return nullptr;
}

} // namespace parlor::test

int main(int argc, char **argv)
{
    using parlor::test::TestClass;
    const TestClass *test = argc > 1 ? TestClass::named(argv[1]) : nullptr;
    if (!test) {
        std::fprintf(stderr, "Usage: %s CLASS [FUNCTION[:ROW]...] [an option of Qt Test...]\nClasses:\n",
                     argv[0]);
        for (const TestClass *each = TestClass::first(); each; each = each->next())
            std::fprintf(stderr, "  %.*s\n", static_cast<int>(each->name().size()), each->name().data());
        return 2;
    }
    argv[1] = argv[0];
    return test->run(argc - 1, argv + 1);
}
