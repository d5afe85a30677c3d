// SPDX-License-Identifier: MIT
// The admin API: requests in any split, and what a chat answers to them. Each request has one answer, of
// JSON.
#include "server/admin/adminapi.h"
#include "server/engine/memoryengine.h"
#include "shared/protocol/values.h"
#include "tests/fuzz/target.h"

#include <QCoreApplication>
#include <QJsonDocument>

namespace parlor::fuzz {

namespace {

using admin::ApiAnswer;
using admin::ApiRequest;
using admin::ApiRequestReader;

/// Does nothing, and says that it has done it.
class IdleServer final : public admin::ServerControl
{
public:
    [[nodiscard]] Status status() const override
    {
        Status status;
        status.readiness = StatusSource::Readiness::Ready;
        status.connections = 3;
        status.byWorker = {1, 2};
        return status;
    }
    [[nodiscard]] const Options &options() const override { return m_options; }
    void drain() override {}
    void rebalance(double fraction, std::chrono::milliseconds within) override
    {
        check(fraction >= 0 && fraction <= 1 && within.count() >= 0,
              "some clients are sent away, within a time");
    }
    Result<std::vector<std::string>> reload() override { return tryReload(); }
    [[nodiscard]] Result<std::vector<std::string>> tryReload() const override
    {
        return std::vector<std::string>{};
    }

private:
    Options m_options;
};

struct Judged
{
    ApiRequestReader::Status status = ApiRequestReader::Status::NeedMore;
    ApiRequest request{};
    admin::ApiError error{};
};

template <typename Piece>
Judged readApiRequest(std::string_view bytes, Piece piece)
{
    ApiRequestReader reader([](const RequestHead &head) -> std::variant<std::string, admin::ApiError> {
        if (head.count("authorization") == 1)
            return "ops";
        return admin::ApiError{401, "unauthorized", "no key"};
    });
    Judged judged;
    while (!bytes.empty() && judged.status == ApiRequestReader::Status::NeedMore) {
        const std::size_t size = piece(bytes.size());
        judged.status = reader.feed(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    check(judged.status != ApiRequestReader::Status::Complete || reader.isAdmitted(),
          "a stranger asks nothing");
    judged.request = reader.request();
    judged.error = reader.error();
    return judged;
}

void checkAnswer(const ApiAnswer &answer)
{
    check(answer.status >= 200 && answer.status < 600, "an answer has a status of HTTP", answer.json);
    check(values::isUtf8(answer.json), "an answer is UTF-8", answer.json);
    const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(answer.json));
    check(json.isObject(), "an answer is an object of JSON", answer.json);
    check(answer.status < 400 || json.object().contains(QLatin1String("error")),
          "an error says what is wrong", answer.json);
}

/// A server with one room in which something was said.
class AdminWorld
{
public:
    AdminWorld() { m_api.setEngine(m_engine); }
    ~AdminWorld() { m_engine.stop(); }
    AdminWorld(const AdminWorld &) = delete;
    AdminWorld &operator=(const AdminWorld &) = delete;

    /// An id of @ is the newest message's.
    void ask(ApiRequest request)
    {
        if (const auto id = request.query.find("id"); id != request.query.end() && id->second == "@")
            id->second = m_latestId;
        int answers = 0;
        m_api.handle(request, [&](const ApiAnswer &answer) {
            ++answers;
            checkAnswer(answer);
            const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(answer.json));
            if (const auto id = json.object().value(QLatin1String("id")); id.isString())
                m_latestId = id.toString().toStdString();
        });
        for (int i = 0; i < 10 && answers == 0; ++i)
            QCoreApplication::sendPostedEvents();
        check(answers == 1, "a request is answered once", request.method);
    }

private:
    std::string m_latestId;
    std::chrono::milliseconds m_wall{1'700'000'000'000};
    MemoryEngine m_engine{RoomLimits{.historyBytes = 64 * 1024, .maxRooms = 4}, [this] { return ++m_wall; }};
    IdleServer m_server;
    admin::AdminApi m_api{m_server, [this] { return m_wall; }, std::chrono::hours(1)};
};

/// Requests with a NUL between them.
void adminRequest(std::string_view input)
{
    needApplication();
    AdminWorld world;
    for (Choices choices(input); !choices.isOver();) {
        const std::string_view bytes = choices.upTo('\0');
        const Judged whole = readApiRequest(bytes, [](std::size_t left) { return left; });
        Cuts cuts(bytes);
        const Judged cut = readApiRequest(bytes, [&cuts](std::size_t left) { return cuts.next(left); });
        if (whole.status == ApiRequestReader::Status::Failed) {
            checkAnswer(admin::errorAnswer(whole.error));
            // In pieces a request is complete before what stands behind it comes.
            check(cut.status != ApiRequestReader::Status::NeedMore, "a split changes nothing", bytes);
            continue;
        }
        check(whole.status == cut.status && whole.request.path == cut.request.path &&
                  whole.request.query == cut.request.query && whole.request.body == cut.request.body,
              "a split changes nothing", bytes);
        if (whole.status == ApiRequestReader::Status::Complete)
            world.ask(whole.request);
    }
}

const Target kAdminRequest("adminrequest", &adminRequest);

} // namespace

} // namespace parlor::fuzz
