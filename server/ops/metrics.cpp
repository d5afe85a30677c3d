// SPDX-License-Identifier: MIT
#include "server/ops/metrics.h"

#include "server/ops/processstatus.h"
#include "shared/protocol/closecode.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace parlor {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Workers = std::span<const WorkerMetrics *const>;

constexpr std::array<std::string_view, static_cast<std::size_t>(HandshakeResult::Count_)> kResultNames{
    "accepted", "malformed", "not_found", "forbidden",  "too_many",     "full",
    "draining", "starting",  "timed_out", "tls_failed", "unauthorized", "too_fast"};

constexpr std::array<std::string_view, static_cast<std::size_t>(AuthResult::Count_)> kAuthResultNames{
    "accepted", "refused", "late", "expired"};

/// Told before they first happen: a counter that begins with 1 is no increase to Prometheus.
constexpr std::array kUsualCloses{
    CloseCode::Normal,       CloseCode::GoingAway,     CloseCode::NoStatus, CloseCode::ProtocolError,
    CloseCode::Abnormal,     CloseCode::MessageTooBig, CloseCode::Replaced, CloseCode::RateLimit,
    CloseCode::SlowConsumer, CloseCode::Shutdown,      CloseCode::NoPong,   CloseCode::AuthInvalid,
    CloseCode::AuthDeadline, CloseCode::Banned,        CloseCode::Kicked,   CloseCode::Rebalance};

/// Stands for all codes that are no CloseCode.
constexpr std::uint16_t kOtherCloses = 0;

std::uint64_t sum(Workers workers, Counter WorkerMetrics::*counter)
{
    std::uint64_t total = 0;
    for (const WorkerMetrics *worker : workers)
        total += (worker->*counter).value();
    return total;
}

ClientMetric sample(MetricType type, double value, std::vector<ClientMetric::Label> labels = {})
{
    ClientMetric metric;
    metric.label = std::move(labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return metric;
}

/// All workers' together.
ClientMetric histogram(Workers workers, TimeHistogram WorkerMetrics::*times)
{
    constexpr auto &bounds = TimeHistogram::kBoundsSeconds;
    ClientMetric metric;
    ClientMetric::Histogram &histogram = metric.histogram;
    for (std::size_t bound = 0; bound <= bounds.size(); ++bound) {
        for (const WorkerMetrics *worker : workers)
            histogram.sample_count += (worker->*times).bucket(bound);
        histogram.bucket.push_back({histogram.sample_count, bound < bounds.size()
                                                                ? bounds[bound]
                                                                : std::numeric_limits<double>::infinity()});
    }
    for (const WorkerMetrics *worker : workers)
        histogram.sample_sum += (worker->*times).sumSeconds();
    return metric;
}

/// The families of one scrape.
class Scrape
{
public:
    explicit Scrape(Workers workers)
        : m_workers(workers)
    {
    }

    void add(MetricType type, std::string name, std::string help, double value)
    {
        m_families.push_back({std::move(name), std::move(help), type, {sample(type, value)}});
    }
    void addSum(MetricType type, std::string name, std::string help, Counter WorkerMetrics::*counter)
    {
        add(type, std::move(name), std::move(help), static_cast<double>(sum(m_workers, counter)));
    }
    template <std::size_t Count>
    void addResults(const char *name, const char *help, const std::array<std::string_view, Count> &results,
                    std::array<Counter, Count> WorkerMetrics::*counters);
    void addCloses();
    void addLag();
    void addDelivery();
    void addStore(const StoreFigures &store);
    void addDatabase(const StoreFigures &store);
    void addRedis(const StoreFigures &store);
    void addBuild(const std::vector<std::pair<std::string, std::string>> &build);
    void addProcess(std::chrono::seconds startTime);
    [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(m_families); }

private:
    Workers m_workers;
    std::vector<MetricFamily> m_families;
};

template <std::size_t Count>
void Scrape::addResults(const char *name, const char *help,
                        const std::array<std::string_view, Count> &results,
                        std::array<Counter, Count> WorkerMetrics::*counters)
{
    MetricFamily family{name, help, MetricType::Counter, {}};
    for (std::size_t i = 0; i < Count; ++i) {
        std::uint64_t total = 0;
        for (const WorkerMetrics *worker : m_workers)
            total += (worker->*counters)[i].value();
        family.metric.push_back(
            sample(family.type, static_cast<double>(total), {{"result", std::string(results[i])}}));
    }
    m_families.push_back(std::move(family));
}

void Scrape::addCloses()
{
    std::map<std::uint16_t, std::uint64_t> totals;
    for (const CloseCode code : kUsualCloses)
        totals[static_cast<std::uint16_t>(code)] = 0;
    for (const WorkerMetrics *worker : m_workers) {
        for (const auto &[code, count] : worker->closes())
            totals[code] += count;
    }
    MetricFamily family{"parlor_closes_total", "Closed WebSocket connections.", MetricType::Counter, {}};
    for (const auto &[code, count] : totals)
        family.metric.push_back(sample(family.type, static_cast<double>(count),
                                       {{"code", code == kOtherCloses ? "other" : std::to_string(code)}}));
    m_families.push_back(std::move(family));
}

void Scrape::addLag()
{
    MetricFamily family{
        "parlor_event_loop_lag_seconds", "How late a worker's event loop is.", MetricType::Histogram, {}};
    for (std::size_t i = 0; i < m_workers.size(); ++i) {
        family.metric.push_back(histogram(std::span(&m_workers[i], 1), &WorkerMetrics::loopLag));
        family.metric.back().label = {{"worker", std::to_string(i)}};
    }
    m_families.push_back(std::move(family));
}

void Scrape::addDelivery()
{
    m_families.push_back({"parlor_delivery_seconds",
                          "Age of a message when it goes to the kernel, once for each worker and message.",
                          MetricType::Histogram,
                          {histogram(m_workers, &WorkerMetrics::delivery)}});
}

void Scrape::addStore(const StoreFigures &store)
{
    const auto count = [this](std::string name, std::string help, std::uint64_t value) {
        add(MetricType::Counter, std::move(name), std::move(help), static_cast<double>(value));
    };
    count("parlor_store_messages_total", "Messages committed, resends included.", store.messages);
    count("parlor_store_failures_total", "Commits that failed.", store.failures);
    count("parlor_store_retention_failures_total", "Times that old messages could not be dropped.",
          store.retentionFailures);
    count("parlor_store_refused_total", "Messages that found the queue of the store full.", store.refused);
    count("parlor_store_reads_total", "Reads of rooms, pages and lists.", store.reads);
    count("parlor_store_dropped_total", "Messages that grew too old or too many.", store.dropped);
    add(MetricType::Gauge, "parlor_store_waiting", "Messages that are not yet committed.",
        static_cast<double>(store.waiting));
    if (store.isShared)
        addRedis(store);
    else
        addDatabase(store);
}

void Scrape::addDatabase(const StoreFigures &store)
{
    const auto gauge = [this](std::string name, std::string help, std::uint64_t value) {
        add(MetricType::Gauge, std::move(name), std::move(help), static_cast<double>(value));
    };
    gauge("parlor_store_bytes", "The database, without the log beside it.", store.bytes);
    gauge("parlor_store_wal_bytes", "The write-ahead log beside the database.", store.logBytes);
    gauge("parlor_store_disk_free_bytes", "Room for the database on its disk.", store.freeBytes);
    MetricFamily family{"parlor_store_commit_seconds", "How long commits take.", MetricType::Histogram, {}};
    ClientMetric metric;
    metric.histogram.sample_sum = store.commitSeconds;
    for (std::size_t i = 0; i < store.commitBuckets.size(); ++i) {
        metric.histogram.sample_count += store.commitBuckets[i];
        const auto &bounds = StoreFigures::kCommitBoundsSeconds;
        metric.histogram.bucket.push_back(
            {metric.histogram.sample_count,
             i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
    }
    family.metric.push_back(std::move(metric));
    m_families.push_back(std::move(family));
}

void Scrape::addRedis(const StoreFigures &store)
{
    add(MetricType::Gauge, "parlor_redis_up", "1 while the server is connected to Redis.",
        store.isUp ? 1 : 0);
    const auto count = [this](std::string name, std::string help, std::uint64_t value) {
        add(MetricType::Counter, std::move(name), std::move(help), static_cast<double>(value));
    };
    count("parlor_redis_repairs_total", "Holes in what Redis told, read from the stream.", store.repairs);
    count("parlor_redis_diverged_total", "Rooms whose history in Redis is not the one that was told.",
          store.diverged);
    count("parlor_redis_reconnects_total", "Connections to Redis that came back.", store.reconnects);
}

void Scrape::addBuild(const std::vector<std::pair<std::string, std::string>> &build)
{
    std::vector<ClientMetric::Label> labels;
    for (const auto &[name, value] : build)
        labels.push_back({name, value});
    m_families.push_back({"parlor_build_info",
                          "What runs.",
                          MetricType::Gauge,
                          {sample(MetricType::Gauge, 1, std::move(labels))}});
}

void Scrape::addProcess(std::chrono::seconds startTime)
{
    const ProcessStatus process = readProcessStatus();
    const auto addKnown = [this](std::string name, std::string help, std::uint64_t value) {
        if (value > 0) // a process out of descriptors cannot ask
            add(MetricType::Gauge, std::move(name), std::move(help), static_cast<double>(value));
    };
    add(MetricType::Gauge, "process_start_time_seconds", "Start time, since 1970.",
        static_cast<double>(startTime.count()));
    add(MetricType::Counter, "process_cpu_seconds_total", "CPU time, user and system.", process.cpuSeconds);
    addKnown("process_resident_memory_bytes", "Resident memory.", process.residentBytes);
    addKnown("process_open_fds", "Open descriptors.", process.openDescriptors);
    addKnown("process_max_fds", "Descriptors that may be open.", process.maxDescriptors);
}

} // namespace

void TimeHistogram::observe(std::chrono::nanoseconds time)
{
    const double seconds = std::chrono::duration<double>(time).count();
    const auto bound = std::ranges::lower_bound(kBoundsSeconds, seconds);
    m_buckets[static_cast<std::size_t>(bound - kBoundsSeconds.begin())].add();
    m_sumNanoseconds.add(static_cast<std::uint64_t>(std::max(time, std::chrono::nanoseconds(0)).count()));
}

void WorkerMetrics::countClose(std::uint16_t code)
{
    const std::scoped_lock lock(m_closesMutex);
    ++m_closes[isKnown(code) ? code : kOtherCloses]; // clients may send thousands of them
}

std::map<std::uint16_t, std::uint64_t> WorkerMetrics::closes() const
{
    const std::scoped_lock lock(m_closesMutex);
    return m_closes;
}

std::string prometheusText(Workers workers, const ServerGauges &gauges)
{
    constexpr MetricType gauge = MetricType::Gauge;
    constexpr MetricType counter = MetricType::Counter;
    using M = WorkerMetrics;
    Scrape scrape(workers);
    scrape.addBuild(gauges.build);
    scrape.add(gauge, "parlor_ready", "1 while /ready says so.", gauges.ready ? 1 : 0);
    scrape.add(gauge, "parlor_draining", "1 once the server was told to stop.", gauges.draining ? 1 : 0);
    scrape.addSum(gauge, "parlor_connections", "Open WebSocket connections.", &M::connections);
    if (gauges.mostConnections != 0)
        scrape.add(gauge, "parlor_connections_limit", "WebSocket connections that there may be.",
                   static_cast<double>(gauges.mostConnections));
    scrape.addResults("parlor_handshakes_total", "Attempts to open a WebSocket.", kResultNames,
                      &WorkerMetrics::handshakes);
    scrape.addResults("parlor_auth_total", "Clients that had to say who they are.", kAuthResultNames,
                      &WorkerMetrics::auth);
    scrape.addCloses();
    scrape.addSum(counter, "parlor_http_requests_total", "Plain HTTP requests answered.", &M::httpRequests);
    scrape.addSum(counter, "parlor_messages_in_total", "Data messages from clients.", &M::messagesIn);
    scrape.addSum(counter, "parlor_messages_out_total", "Frames made, a broadcast once.", &M::messagesOut);
    scrape.addSum(counter, "parlor_deliveries_total", "Broadcasts times their receivers.", &M::deliveries);
    scrape.addSum(counter, "parlor_bytes_in_total", "Bytes from clients.", &M::bytesIn);
    scrape.addSum(counter, "parlor_bytes_out_total", "Bytes to clients.", &M::bytesOut);
    scrape.addSum(gauge, "parlor_queue_bytes", "Memory of what waits for clients that do not read.",
                  &M::queueBytes);
    scrape.addSum(counter, "parlor_slow_consumers_total", "Connections cut as slow consumers.",
                  &M::slowConsumers);
    scrape.addSum(counter, "parlor_rate_limited_total", "Requests refused as too many.", &M::rateLimited);
    scrape.addSum(counter, "parlor_user_limited_total", "Of them, those of users with too many requests.",
                  &M::userLimited);
    scrape.addSum(counter, "parlor_address_limited_total",
                  "Of them, those of addresses with too many requests.", &M::addressLimited);
    scrape.addSum(counter, "parlor_pages_delayed_total", "Pages of sync that waited for a budget.",
                  &M::pagesDelayed);
    scrape.add(gauge, "parlor_rooms", "Rooms.", static_cast<double>(gauges.rooms));
    scrape.add(gauge, "parlor_history_bytes", "Bytes of all rooms' recent messages.",
               static_cast<double>(gauges.historyBytes));
    if (gauges.store)
        scrape.addStore(*gauges.store);
    scrape.addDelivery();
    scrape.addLag();
    scrape.addProcess(gauges.startTime);
    return scrape.text();
}

} // namespace parlor
