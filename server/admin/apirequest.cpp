// SPDX-License-Identifier: MIT
#include "server/admin/apirequest.h"

#include "server/http/characters.h"
#include "shared/protocol/values.h"

#include <QByteArray>
#include <QJsonDocument>

#include <charconv>
#include <variant>

namespace parlor::admin {

namespace {

/// nullopt: it is no UTF-8, or has a control character.
std::optional<std::string> percentDecoded(std::string_view text)
{
    const QByteArray decoded = QByteArray::fromPercentEncoding(
        QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size())));
    std::string plain = decoded.toStdString();
    const bool isPlain =
        std::ranges::none_of(plain, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (!isPlain || !values::isUtf8(plain))
        return std::nullopt;
    return plain;
}

/// Calls `take` for each piece between separators until it returns false.
template <typename Take>
bool forEachPiece(std::string_view text, char separator, Take take)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (!take(text.substr(0, end)))
            return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

} // namespace

ApiRequestReader::Status ApiRequestReader::fail(int status, std::string code, std::string text)
{
    m_error = {status, std::move(code), std::move(text)};
    return Status::Failed;
}

ApiRequestReader::Status ApiRequestReader::feed(std::string_view bytes)
{
    if (m_isAdmitted)
        return takeBody(bytes);
    switch (m_head.feed(bytes)) {
    case HeadReader::Status::NeedMore:
        return Status::NeedMore;
    case HeadReader::Status::Failed:
        return fail(m_head.error().status, "bad_request", m_head.error().reason);
    case HeadReader::Status::Complete:
        break;
    }
    if (const Status status = takeHead(); status == Status::Failed)
        return status;
    return takeBody(bytes.substr(bytes.size() - m_head.excess()));
}

ApiRequestReader::Status ApiRequestReader::takeHead()
{
    const RequestHead &head = m_head.head();
    auto admitted = m_admit(head);
    if (auto *refused = std::get_if<ApiError>(&admitted)) {
        m_error = std::move(*refused);
        return Status::Failed;
    }
    m_request.by = std::get<std::string>(std::move(admitted));
    if (head.count("transfer-encoding") > 0)
        return fail(411, "bad_request", "the body comes in chunks; send it with a Content-Length");
    const std::string_view length = head.field("content-length").value_or("0");
    const auto parsed = std::from_chars(length.data(), length.data() + length.size(), m_bodyBytes);
    if (head.count("content-length") > 1 || parsed.ec == std::errc::invalid_argument ||
        parsed.ptr != length.data() + length.size())
        return fail(400, "bad_request", "Content-Length is no number");
    if (parsed.ec != std::errc() || m_bodyBytes > kBodyBytes)
        return fail(413, "too_large",
                    "the body is larger than " + std::to_string(kBodyBytes) + " bytes; send less");
    m_isAdmitted = true;
    return takeTarget(head);
}

ApiRequestReader::Status ApiRequestReader::takeTarget(const RequestHead &head)
{
    m_request.method = head.method;
    const bool isPath = forEachPiece(head.path.substr(1), '/', [this](std::string_view piece) {
        auto segment = percentDecoded(piece);
        if (segment)
            m_request.path.push_back(*std::move(segment));
        return segment.has_value();
    });
    if (!isPath)
        return fail(400, "bad_request", "the path is no text: write it as UTF-8, with %20 for a blank");
    const bool isQuery = forEachPiece(head.query, '&', [this](std::string_view piece) {
        const std::size_t equals = std::min(piece.find('='), piece.size());
        auto name = percentDecoded(piece.substr(0, equals));
        auto value = percentDecoded(piece.substr(std::min(equals + 1, piece.size())));
        return name && value && m_request.query.emplace(*std::move(name), *std::move(value)).second;
    });
    if (!isQuery)
        return fail(400, "bad_request", "the query is no text, or names something twice");
    return Status::NeedMore;
}

ApiRequestReader::Status ApiRequestReader::takeBody(std::string_view bytes)
{
    if (m_body.size() + bytes.size() > m_bodyBytes)
        return fail(400, "bad_request",
                    "there are bytes behind the request; each connection is for one request");
    m_body.append(bytes);
    if (m_body.size() < m_bodyBytes)
        return Status::NeedMore;
    if (m_body.empty())
        return Status::Complete;
    if (!values::isUtf8(m_body))
        return fail(400, "bad_request", "the body is no UTF-8");
    QJsonParseError mistake{};
    const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(m_body), &mistake);
    if (!json.isObject())
        return fail(400, "bad_request",
                    json.isNull() ? "the body is no JSON: " + mistake.errorString().toStdString() +
                                        ", at byte " + std::to_string(mistake.offset)
                                  : "the body is JSON, and no object");
    m_request.body = json.object();
    return Status::Complete;
}

} // namespace parlor::admin
