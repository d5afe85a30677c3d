// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace parlor {

/// A refused request: an HTTP status and a reason of one line for the client.
struct HttpError
{
    int status = 400;
    std::string reason;
    bool operator==(const HttpError &) const = default;
};

/// A request line and its fields (RFC 9112 §3, §5). Views into the HeadReader's buffer.
struct RequestHead
{
    std::string_view method;
    std::string_view path;                                             ///< without the query
    std::string_view query;                                            ///< after '?', may be empty
    int minorVersion = 1;                                              ///< of HTTP/1.x
    std::vector<std::pair<std::string_view, std::string_view>> fields; ///< in order, values trimmed

    /// The first field of this name, whatever its case.
    [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
    /// How many fields have this name.
    [[nodiscard]] std::size_t count(std::string_view name) const;
    /// Whether the comma-separated tokens of all fields of this name contain this one, whatever its case.
    [[nodiscard]] bool hasToken(std::string_view name, std::string_view token) const;
    /// Whether the client asks for a WebSocket: `Upgrade: websocket` is there.
    [[nodiscard]] bool wantsUpgrade() const { return hasToken("upgrade", "websocket"); }
};

struct HeadLimits
{
    std::size_t bytes = 16 * 1024; ///< 431 past it
    std::size_t fields = 64;       ///< 431 past it
};

/// Collects a request head as its bytes come, in any split, within bounds, in time linear in their number.
/// Nothing is allocated before the first byte, and never more than the limit. Bytes that can no longer become
/// a valid head fail at once.
class HeadReader
{
public:
    enum class Status : std::uint8_t { NeedMore, Complete, Failed };

    explicit HeadReader(HeadLimits limits = {})
        : m_limits(limits)
    {
    }
    HeadReader(HeadReader &&) = default;
    HeadReader &operator=(HeadReader &&) = default;
    HeadReader(const HeadReader &) = delete; // head() holds views into the buffer
    HeadReader &operator=(const HeadReader &) = delete;

    /// More bytes from the client. After Complete or Failed it must not be called again.
    [[nodiscard]] Status feed(std::string_view bytes);

    /// After Complete.
    [[nodiscard]] const RequestHead &head() const { return m_head; }
    /// After Complete: how many bytes came after the head.
    [[nodiscard]] std::size_t excess() const { return m_excess; }
    /// After Failed.
    [[nodiscard]] const HttpError &error() const { return m_error; }
    /// Whether any byte came at all.
    [[nodiscard]] bool isStarted() const { return !m_buffer.empty(); }

private:
    enum class Expect : std::uint8_t {
        Start,
        StartLf, ///< of an empty line before the request line
        Method,
        Target,
        Version,
        LineLf,
        FieldStart,
        FieldName,
        FieldValue,
        EndLf,
    };

    [[nodiscard]] Status fail(int status, std::string reason);
    [[nodiscard]] Status take(char c);
    [[nodiscard]] Status takeMethod(char c);
    [[nodiscard]] Status takeTarget(char c);
    [[nodiscard]] Status takeVersion(char c);
    [[nodiscard]] Status takeFieldStart(char c);
    [[nodiscard]] Status takeFieldName(char c);
    [[nodiscard]] Status takeFieldValue(char c);
    [[nodiscard]] Status finish();
    [[nodiscard]] std::string_view target() const;
    void splitFields();
    void makeRoom(std::size_t bytes);

    HeadLimits m_limits;
    Expect m_expect = Expect::Start;
    std::string m_buffer;
    std::size_t m_at = 0;        ///< the byte that is looked at
    std::size_t m_lineBegin = 0; ///< of the request line
    std::size_t m_partBegin = 0; ///< of the method, target, version or field name
    std::size_t m_targetBegin = 0;
    std::size_t m_targetEnd = 0;
    std::size_t m_fieldsBegin = 0;
    std::size_t m_fieldCount = 0;
    std::size_t m_excess = 0;
    RequestHead m_head;
    HttpError m_error;
};

} // namespace parlor
