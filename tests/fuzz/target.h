// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What a fuzz target is made of. A target is a function of bytes, in a file of its own; it ends the process
/// where a promise is broken. libFuzzer calls it with what it invents (libfuzzer.cpp), the ordinary build
/// with the files of its corpus (corpus.cpp).
namespace parlor::fuzz {

/// Registers a target, under its file's name.
class Target
{
public:
    using Run = void (*)(std::string_view input);

    Target(std::string_view name, Run function);

    [[nodiscard]] std::string_view name() const { return m_name; }
    void run(std::string_view input) const { m_run(input); }

    /// The newest one; all of a program are a list.
    [[nodiscard]] static const Target *first();
    [[nodiscard]] const Target *next() const { return m_next; }

private:
    std::string_view m_name;
    Run m_run;
    const Target *m_next;
};

/// Ends the process, also where assert() is compiled out.
[[noreturn]] void broken(std::string_view promise, std::string_view detail);

inline void check(bool holds, std::string_view promise, std::string_view detail = {})
{
    if (!holds)
        broken(promise, detail);
}

/// Timers need a QCoreApplication: there is one from the first call on.
void needApplication();

/// An input, read as choices from its beginning on. Behind its end all choices are 0.
class Choices
{
public:
    explicit Choices(std::string_view input)
        : m_rest(input)
    {
    }

    [[nodiscard]] bool isOver() const { return m_rest.empty(); }
    std::uint8_t byte()
    {
        if (m_rest.empty())
            return 0;
        const auto first = static_cast<std::uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        return first;
    }
    /// 0 to `count` - 1.
    std::size_t below(std::size_t count) { return byte() % count; }
    /// So many bytes, or what is left.
    std::string_view text(std::size_t size)
    {
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    /// Up to the next one of these, which goes, too.
    std::string_view upTo(char end)
    {
        const std::string_view taken = text(m_rest.find(end));
        m_rest.remove_prefix(m_rest.empty() ? 0 : 1);
        return taken;
    }
    std::string_view line() { return upTo('\n'); }
    std::string_view rest() { return text(m_rest.size()); }

private:
    std::string_view m_rest;
};

/// Where to cut `size` bytes into pieces: the same for the same bytes, and another for others.
class Cuts
{
public:
    explicit Cuts(std::string_view input);
    /// The size of the next piece of `left` bytes; at least 1.
    std::size_t next(std::size_t left);

private:
    std::uint64_t m_state;
};

} // namespace parlor::fuzz
