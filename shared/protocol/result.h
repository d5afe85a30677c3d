// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/error.h"

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

namespace parlor {

/// A value or the Error that stands in its place. Reading the wrong one is a bug and asserts.
template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    const T &value() const & { return *checked(std::get_if<0>(&m_state)); }
    T &value() & { return *checked(std::get_if<0>(&m_state)); }
    T &&value() && { return std::move(*checked(std::get_if<0>(&m_state))); }
    const T &operator*() const & { return value(); }
    T &operator*() & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    const T *operator->() const { return &value(); }
    T *operator->() { return &value(); }
    const Error &error() const { return *checked(std::get_if<1>(&m_state)); }

private:
    template <typename P>
    static P *checked(P *p)
    {
        assert(p != nullptr);
        return p;
    }
    std::variant<T, Error> m_state;
};

/// That it is done, or the Error that kept it from being done.
template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Error error)
        : m_error(std::move(error))
    {
    }

    explicit operator bool() const { return !m_error; }
    const Error &error() const
    {
        assert(m_error);
        return *m_error;
    }

private:
    std::optional<Error> m_error;
};

} // namespace parlor
