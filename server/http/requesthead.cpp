// SPDX-License-Identifier: MIT
#include "server/http/requesthead.h"

#include "server/http/characters.h"

#include <algorithm>
#include <cassert>

namespace parlor {

using namespace http;

namespace {

constexpr std::size_t kMethodBytes = 32;
constexpr std::string_view kVersionForm = "HTTP/d.d";
constexpr std::string_view kSchemes[] = {"http://", "https://", "ws://", "wss://"};

/// Wider than RFC 3986: browsers leave some of these unescaped in a query.
bool isTargetCharacter(char c)
{
    return c > 0x20 && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>';
}

bool isHostCharacter(char c)
{
    return isDigit(c) || isLetter(c) ||
           std::string_view("-._~!$&'()*+,;=:[]%").find(c) != std::string_view::npos;
}

struct Target
{
    std::string_view path;
    std::string_view query;
};

/// RFC 9112 §3.2: origin-form (a path) and absolute-form (a URL, whose host means nothing here).
std::optional<Target> splitTarget(std::string_view target)
{
    const auto scheme = std::ranges::find_if(
        kSchemes, [&](std::string_view s) { return equalIgnoringCase(target.substr(0, s.size()), s); });
    if (scheme != std::end(kSchemes)) {
        target.remove_prefix(scheme->size());
        const std::size_t authorityEnd = std::min(target.find_first_of("/?"), target.size());
        if (authorityEnd == 0 || !std::ranges::all_of(target.substr(0, authorityEnd), isHostCharacter))
            return std::nullopt;
        target.remove_prefix(authorityEnd);
    } else if (!target.starts_with('/')) {
        return std::nullopt;
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    return Target{path.empty() ? "/" : path, target.substr(std::min(mark + 1, target.size()))};
}

} // namespace

std::optional<std::string_view> RequestHead::field(std::string_view name) const
{
    for (const auto &[key, value] : fields) {
        if (equalIgnoringCase(key, name))
            return value;
    }
    return std::nullopt;
}

std::size_t RequestHead::count(std::string_view name) const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        fields, [name](const auto &field) { return equalIgnoringCase(field.first, name); }));
}

bool RequestHead::hasToken(std::string_view name, std::string_view token) const
{
    for (const auto &[key, value] : fields) {
        if (!equalIgnoringCase(key, name))
            continue;
        for (std::size_t begin = 0; begin <= value.size();) {
            const std::size_t end = std::min(value.find(',', begin), value.size());
            if (equalIgnoringCase(trimmed(value.substr(begin, end - begin)), token))
                return true;
            begin = end + 1;
        }
    }
    return false;
}

HeadReader::Status HeadReader::feed(std::string_view bytes)
{
    assert(m_error.reason.empty() && m_head.method.empty());
    const std::string_view fitting = bytes.substr(0, m_limits.bytes - m_buffer.size());
    makeRoom(fitting.size());
    m_buffer.append(fitting);
    while (m_at < m_buffer.size()) {
        const Status status = take(m_buffer[m_at]);
        if (status == Status::Failed)
            return status;
        ++m_at;
        if (status == Status::Complete) {
            m_excess = m_buffer.size() - m_at + bytes.size() - fitting.size();
            m_buffer.resize(m_at);
            return finish();
        }
    }
    if (fitting.size() < bytes.size())
        return fail(431, "the request head is larger than " + std::to_string(m_limits.bytes) + " bytes");
    return Status::NeedMore;
}

/// A string that grows by itself doubles its memory, past what a head may have.
void HeadReader::makeRoom(std::size_t bytes)
{
    const std::size_t needed = m_buffer.size() + bytes;
    if (needed <= m_buffer.capacity())
        return;
    std::string larger;
    larger.reserve(std::min(m_limits.bytes, std::max(needed, 2 * m_buffer.capacity())));
    larger = m_buffer;
    m_buffer = std::move(larger);
}

HeadReader::Status HeadReader::fail(int status, std::string reason)
{
    m_error = {status, std::move(reason)};
    return Status::Failed;
}

HeadReader::Status HeadReader::take(char c)
{
    switch (m_expect) {
    case Expect::Start:
        if (c == '\r' && m_at == 0) { // RFC 9112 §2.2: old clients end the previous request with one
            m_expect = Expect::StartLf;
            return Status::NeedMore;
        }
        m_lineBegin = m_partBegin = m_at;
        m_expect = Expect::Method;
        return takeMethod(c);
    case Expect::StartLf:
        m_expect = Expect::Start;
        return c == '\n' ? Status::NeedMore : fail(400, "a carriage return without a line feed");
    case Expect::Method:
        return takeMethod(c);
    case Expect::Target:
        return takeTarget(c);
    case Expect::Version:
        return takeVersion(c);
    case Expect::LineLf:
        m_expect = Expect::FieldStart;
        return c == '\n' ? Status::NeedMore : fail(400, "a carriage return without a line feed");
    case Expect::FieldStart:
        return takeFieldStart(c);
    case Expect::FieldName:
        return takeFieldName(c);
    case Expect::FieldValue:
        return takeFieldValue(c);
    case Expect::EndLf:
        return c == '\n' ? Status::Complete : fail(400, "a carriage return without a line feed");
    }
    return Status::Failed;
}

HeadReader::Status HeadReader::takeMethod(char c)
{
    const std::size_t length = m_at - m_partBegin;
    if (c == ' ' && length > 0) {
        m_targetBegin = m_partBegin = m_at + 1;
        m_expect = Expect::Target;
        return Status::NeedMore;
    }
    if (!isTokenCharacter(c))
        return fail(400, length == 0 ? "this is no HTTP request" : "the request method is malformed");
    if (length >= kMethodBytes)
        return fail(400, "the request method is too long");
    return Status::NeedMore;
}

HeadReader::Status HeadReader::takeTarget(char c)
{
    if (c == ' ' && m_at > m_partBegin) {
        m_partBegin = m_at + 1;
        m_expect = Expect::Version;
        return Status::NeedMore;
    }
    if (c == '\r' || c == '\n')
        return fail(400, "the request line has no HTTP version");
    return isTargetCharacter(c) ? Status::NeedMore : fail(400, "the request target is malformed");
}

HeadReader::Status HeadReader::takeVersion(char c)
{
    const std::size_t place = m_at - m_partBegin;
    if (place < kVersionForm.size()) {
        const bool fits = kVersionForm[place] == 'd' ? isDigit(c) : kVersionForm[place] == c;
        return fits ? Status::NeedMore : fail(400, "the HTTP version is malformed");
    }
    if (c == '\n')
        return fail(400, "a line feed without a carriage return");
    if (c != '\r')
        return fail(400, "the HTTP version is malformed");

    const std::string_view version = std::string_view(m_buffer).substr(m_partBegin, kVersionForm.size());
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return fail(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    m_targetEnd = m_partBegin - 1;
    if (!splitTarget(target()))
        return fail(400, "the request target is neither a path nor a URL");
    m_fieldsBegin = m_at + 2;
    m_expect = Expect::LineLf;
    return Status::NeedMore;
}

HeadReader::Status HeadReader::takeFieldStart(char c)
{
    if (c == '\r') {
        m_expect = Expect::EndLf;
        return Status::NeedMore;
    }
    if (c == '\n')
        return fail(400, "a line feed without a carriage return");
    if (c == ' ' || c == '\t')
        return fail(400, "a header field is folded over two lines");
    if (++m_fieldCount > m_limits.fields)
        return fail(431, "the request has more than " + std::to_string(m_limits.fields) + " header fields");
    m_partBegin = m_at;
    m_expect = Expect::FieldName;
    return takeFieldName(c);
}

HeadReader::Status HeadReader::takeFieldName(char c)
{
    if (c == ':' && m_at > m_partBegin) {
        m_expect = Expect::FieldValue;
        return Status::NeedMore;
    }
    if (c == ' ' || c == '\t')
        return fail(400, "a header field has a blank before its colon");
    return isTokenCharacter(c) ? Status::NeedMore : fail(400, "the name of a header field is malformed");
}

HeadReader::Status HeadReader::takeFieldValue(char c)
{
    if (c == '\r') {
        m_expect = Expect::LineLf;
        return Status::NeedMore;
    }
    if (c == '\n')
        return fail(400, "a line feed without a carriage return");
    return isFieldValueCharacter(c) ? Status::NeedMore : fail(400, "a header field has a control character");
}

void HeadReader::splitFields()
{
    m_head.fields.reserve(m_fieldCount);
    std::string_view rest = std::string_view(m_buffer).substr(m_fieldsBegin);
    while (!rest.starts_with("\r\n")) {
        const std::size_t colon = rest.find(':');
        const std::size_t end = rest.find("\r\n", colon);
        m_head.fields.emplace_back(rest.substr(0, colon), trimmed(rest.substr(colon + 1, end - colon - 1)));
        rest.remove_prefix(end + 2);
    }
}

std::string_view HeadReader::target() const
{
    return std::string_view(m_buffer).substr(m_targetBegin, m_targetEnd - m_targetBegin);
}

HeadReader::Status HeadReader::finish()
{
    // Only now does the buffer stay where it is.
    m_head.method = std::string_view(m_buffer).substr(m_lineBegin, m_targetBegin - 1 - m_lineBegin);
    const Target parts = splitTarget(target()).value_or(Target());
    m_head.path = parts.path;
    m_head.query = parts.query;
    m_head.minorVersion = m_buffer[m_fieldsBegin - 3] - '0';
    splitFields();

    const std::size_t hosts = m_head.count("host");
    if (hosts > 1)
        return fail(400, "the request has more than one Host");
    if (hosts == 0 && m_head.minorVersion >= 1)
        return fail(400, "the request has no Host");
    if (hosts == 1 && !std::ranges::all_of(*m_head.field("host"), isHostCharacter))
        return fail(400, "the request's Host is malformed");

    const std::size_t lengths = m_head.count("content-length");
    if (lengths > 1)
        return fail(400, "the request has more than one Content-Length");
    if (lengths == 1) {
        const std::string_view length = *m_head.field("content-length");
        if (length.empty() || !std::ranges::all_of(length, isDigit))
            return fail(400, "the request's Content-Length is no number");
    }
    if (m_head.count("transfer-encoding") > 0 && (lengths > 0 || m_head.minorVersion == 0))
        return fail(400, "the request's Transfer-Encoding contradicts its other lines"); // RFC 9112 §6.1
    return Status::Complete;
}

} // namespace parlor
