// SPDX-License-Identifier: MIT
#include "tests/fuzz/target.h"

#include <QCoreApplication>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace parlor::fuzz {

namespace {

const Target *&newest()
{
    static const Target *instance = nullptr;
    return instance;
}

} // namespace

Target::Target(std::string_view name, Run function)
    : m_name(name)
    , m_run(function)
    , m_next(newest())
{
    newest() = this;
}

const Target *Target::first()
{
    return newest();
}

void broken(std::string_view promise, std::string_view detail)
{
    std::fprintf(stderr, "broken: %.*s\n%.*s\n", static_cast<int>(promise.size()), promise.data(),
                 static_cast<int>(detail.size()), detail.data());
    std::abort();
}

void needApplication()
{
    static int argc = 1;
    static char name[] = "fuzz";
    static char *argv[] = {name, nullptr};
    static const QCoreApplication application(argc, argv);
}

Cuts::Cuts(std::string_view input)
    : m_state(1469598103934665603U) // FNV-1a
{
    for (const char each : input)
        m_state = (m_state ^ static_cast<unsigned char>(each)) * 1099511628211U;
}

std::size_t Cuts::next(std::size_t left)
{
    m_state = m_state * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t drawn = m_state >> 33U;
    return std::min<std::size_t>(left, 1 + drawn % (drawn % 2 == 0 ? 4 : 64));
}

} // namespace parlor::fuzz
