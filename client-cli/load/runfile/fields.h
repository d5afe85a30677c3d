// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/record/runrecord.h"

#include <array>
#include <concepts>
#include <string_view>
#include <utility>

/// The keys of a run's file: for each struct of the record its members with their keys, once for writing and
/// for reading. A member that is not named here is lost in the file; tst_load_runfile counts them.
/// docs/run-file.md explains the keys.
///
/// `visit(key, member)` handles a member, `visit.group(key, function)` an object in which the function
/// visits, `visit.optional(key, member)` a list, map or histogram that is not in
/// the file if it is empty.
namespace parlor::cli::load::runfile {

inline constexpr int kSchemaVersion = 2;

template <typename T, typename Plain>
concept Either = std::same_as<std::remove_const_t<T>, Plain>; ///< const to write, not const to read

template <typename E>
struct NamesOf;
template <>
struct NamesOf<DialectName>
{
    static constexpr std::array kNames{std::pair("v1", DialectName::V1), std::pair("v2", DialectName::V2)};
};
template <>
struct NamesOf<Pace>
{
    static constexpr std::array kNames{std::pair("fixed", Pace::Fixed), std::pair("poisson", Pace::Poisson),
                                       std::pair("closed", Pace::Closed)};
};
template <>
struct NamesOf<Verify>
{
    static constexpr std::array kNames{std::pair("full", Verify::Full), std::pair("sample", Verify::Sample),
                                       std::pair("count", Verify::Count), std::pair("off", Verify::Off)};
};
template <>
struct NamesOf<Reconnect>
{
    static constexpr std::array kNames{std::pair("none", Reconnect::None),
                                       std::pair("backoff", Reconnect::Backoff)};
};

template <typename E>
[[nodiscard]] constexpr std::string_view nameOf(E value)
{
    for (const auto &[name, each] : NamesOf<E>::kNames) {
        if (each == value)
            return name;
    }
    return {};
}

template <typename Visitor, Either<Stage> T>
void fields(Visitor &visit, T &stage)
{
    visit("duration_us", stage.duration);
    visit("users", stage.users);
    visit("name", stage.name);
    visit("measured", stage.isMeasured);
}

template <typename Visitor, Either<ArrivalStage> T>
void fields(Visitor &visit, T &stage)
{
    visit("duration_us", stage.duration);
    visit("users_per_second", stage.perSecond);
    visit("name", stage.name);
    visit("measured", stage.isMeasured);
}

template <typename Visitor, Either<Lasting> T>
void fields(Visitor &visit, T &lasting)
{
    visit("mean_us", lasting.mean);
    visit("exponential", lasting.isExponential);
}

template <typename Visitor, Either<Senders> T>
void fields(Visitor &visit, T &senders)
{
    visit("count", senders.count);
    visit("share", senders.share);
}

template <typename Visitor, Either<Profile> T>
void fields(Visitor &visit, T &profile)
{
    visit("name", profile.name);
    visit("weight", profile.weight);
    visit("rate_per_user", profile.rate);
    visit("pace", profile.pace);
    visit("think", profile.think);
    visit("inflight", profile.inflight);
    visit("size_least", profile.size.least);
    visit("size_most", profile.size.most);
    visit("senders", profile.senders);
    visit("rooms_per_user", profile.roomsPerUser);
    visit("life", profile.life);
}

template <typename Visitor, Either<Settings> T>
void fields(Visitor &visit, T &settings)
{
    visit("url", settings.url);
    visit("dialect", settings.dialect);
    visit("stages", settings.stages);
    visit("arrivals", settings.arrivals);
    visit("profiles", settings.profiles);
    visit("rooms", settings.rooms);
    visit("zipf", settings.zipf);
    visit("seed", settings.seed);
    visit("connect_rate", settings.connectRate);
    visit("connect_inflight", settings.connectInflight);
    visit("connect_timeout_us", settings.connectTimeout);
    visit("reconnect", settings.reconnect);
    visit("warm_up_us", settings.warmUp);
    visit("settle_us", settings.settle);
    visit("drain_us", settings.drain);
    visit("verify", settings.verify);
    visit("verify_sample", settings.verifySample);
    visit("processes", settings.processes);
    visit("threads", settings.threads);
    visit("strict", settings.isStrict);
    visit("thresholds", settings.thresholds);
    visit("tags", settings.tags);
}

template <typename Visitor, Either<Machine> T>
void fields(Visitor &visit, T &machine)
{
    visit("host", machine.host);
    visit("system", machine.system);
    visit("cores", machine.cores);
}

template <typename Visitor, Either<ThreadHealth> T>
void fields(Visitor &visit, T &thread)
{
    visit("cpu_mean", thread.meanCpu);
    visit("cpu_peak", thread.peakCpu);
    visit("seconds", thread.seconds);
    visit("busy_seconds", thread.busySeconds);
}

template <typename Visitor, Either<WatchedProcess> T>
void fields(Visitor &visit, T &process)
{
    visit("pid", process.pid);
    visit("name", process.name);
    visit("cpu_mean", process.meanCpu);
    visit("cpu_peak", process.peakCpu);
    visit("memory_peak", process.peakMemory);
    visit("ended", process.hasEnded);
}

template <typename Visitor, Either<DeliveryCounts> T>
void fields(Visitor &visit, T &counts)
{
    visit("received", counts.received);
    visit("lost", counts.lost);
    visit("doubled", counts.doubled);
    visit("reordered", counts.reordered);
    visit("corrupt", counts.corrupt);
    visit("unexpected", counts.unexpected);
    visit("ambiguous", counts.ambiguous);
    visit("excused", counts.excused);
    visit("foreign", counts.foreign);
    visit("counted", counts.counted);
}

template <typename Visitor, Either<MessageCounts> T>
void fields(Visitor &visit, T &counts)
{
    visit("planned", counts.planned);
    visit("early", counts.early);
    visit("sent", counts.sent);
    visit("not_member", counts.notMember);
    visit("held", counts.held);
    visit("dropped", counts.dropped);
    visit("answered", counts.answered);
    visit("rejected", counts.rejected);
    visit("abandoned", counts.abandoned);
    visit("unanswered", counts.unanswered);
}

/// The counts of a struct that has them as its base.
template <typename Visitor, typename T>
void messageFields(Visitor &visit, T &measured)
{
    visit.group("messages", [&measured](auto &in) {
        if constexpr (std::is_const_v<T>)
            fields(in, static_cast<const MessageCounts &>(measured));
        else
            fields(in, static_cast<MessageCounts &>(measured));
    });
}

template <typename Visitor, Either<ProfileMeasurements> T>
void fields(Visitor &visit, T &profile)
{
    messageFields(visit, profile);
    visit.group("histograms", [&profile](auto &in) {
        in("delivery_latency", profile.deliveryLatency);
        in("ack_latency", profile.ackLatency);
    });
}

template <typename Visitor, Either<HearingGroup> T>
void fields(Visitor &visit, T &group)
{
    visit("users", group.users);
    visit("servers", group.servers);
    visit("epochs", group.epochs);
}

template <typename Visitor, Either<RoomSplit> T>
void fields(Visitor &visit, T &split)
{
    visit("room", split.room);
    visit("groups", split.groups);
}

/// The histograms of a phase, and of the whole run.
template <typename Visitor, Either<PhaseMeasurements> T>
void histogramFields(Visitor &visit, T &phase)
{
    visit("delivery_latency", phase.deliveryLatency);
    visit("delivery_service", phase.deliveryService);
    visit("fan_out", phase.fanOut);
    visit("ack_latency", phase.ackLatency);
    visit("send_lag", phase.sendLag);
}

template <typename Visitor, Either<Phase> P, Either<PhaseMeasurements> T>
void fields(Visitor &visit, P &phase, T &measured)
{
    visit("name", phase.name);
    visit("begin_us", phase.begin);
    visit("end_us", phase.end);
    visit("users_from", phase.from);
    visit("users_to", phase.to);
    visit("measured", phase.isMeasured);
    visit("deliveries", measured.deliveries);
    messageFields(visit, measured);
    visit.group("histograms", [&measured](auto &in) { histogramFields(in, measured); });
}

/// All but the phases.
template <typename Visitor, Either<Measurements> T>
void fields(Visitor &visit, T &all)
{
    visit.optional("profiles", all.profiles);
    visit("deliveries", all.deliveries);
    visit.group("connections", [&all](auto &in) {
        in("attempts", all.connectAttempts);
        in("connected", all.connected);
        in("join_attempts", all.joinAttempts);
        in("joined", all.joined);
        in("lost", all.connectionsLost);
        in("reconnects", all.reconnects);
        in("absent_users", all.absent);
        in("unarrived_users", all.unarrived);
        in("bytes_sent", all.bytesSent);
        in("bytes_received", all.bytesReceived);
        in("close_codes", all.closeCodes);
        in("hosts", all.hosts);
        in.optional("host_delivery_latency", all.hostLatency);
        in("connect_duration", all.connectDuration);
        in.optional("tcp_duration", all.connectSteps.tcp);
        in.optional("tls_duration", all.connectSteps.tls);
        in.optional("upgrade_duration", all.connectSteps.upgrade);
        in.optional("greeting_duration", all.connectSteps.greeting);
        in("join_duration", all.joinDuration);
    });
    visit("errors", all.errors);
    visit("refusals", all.refusals);
    visit("splits", all.splits);
    visit("rooms_of_one", all.lonelyRooms);
}

/// What the record holds beside what has lists of its own: phases, seconds.
template <typename Visitor, Either<RunRecord> T>
void fields(Visitor &visit, T &run)
{
    visit("program", run.program);
    visit("id", run.id);
    visit("begun", run.begun);
    visit("argv", run.arguments);
    visit("parameters", run.settings);
    visit("machine", run.machine);
    visit("duration_us", run.duration);
    visit("peak_users", run.peakUsers);
    visit("interrupted", run.isInterrupted);
    fields(visit, run.measurements);
    visit.group("generator", [&run](auto &in) {
        in("threads", run.threads);
        in("stolen", run.stolen);
        in("negative_times", run.measurements.negativeTimes);
        in("loop_lag", run.measurements.loopLag);
    });
    visit("watched", run.watched);
    visit("notes", run.notes);
}

/// The columns of the seconds.
template <typename Visitor, Either<Second> T>
void fields(Visitor &visit, T &second)
{
    visit("end_us", second.end);
    visit("wanted", second.wanted);
    visit("members", second.members);
    visit("open", second.open);
    visit("connects", second.connects);
    visit("failures", second.failures);
    visit("losses", second.losses);
    visit("planned", second.planned);
    visit("sent", second.sent);
    visit("answered", second.answered);
    visit("received", second.received);
    visit("faults", second.faults);
    visit("latency", second.latency);
    visit("cpu", second.cpu);
    visit("send_lag_us", second.sendLag);
    visit("loop_lag_us", second.loopLag);
    visit("watched_cpu", second.watchedCpu);
    visit("watched_memory", second.watchedMemory);
}

} // namespace parlor::cli::load::runfile
